/** Makes translation regimes from the system registers, and keeps them until one of those changes. Reference: Arm DDI 0406C, B3.1, B3.5. */
import type { Regime, Stage2 } from '../mmu/regime.ts';
import { HCR, SCR, SCTLR, TTBCR } from './controls.ts';
import { isHyp, isSecure, scr } from './modes.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';

/** The regime of the current mode, for the memory side. */
export const currentRegime = (cpu: Cpu): Regime => cpu.sys.regime();

export class Regimes {
  readonly #cpu: Cpu;
  /** PL1&0 Non-secure and Secure, then Hyp. */
  readonly #known: [Regime | undefined, Regime | undefined, Regime | undefined] = [undefined, undefined, undefined];

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
  }

  /** The regime of the current mode. */
  current(): Regime {
    const cpu = this.#cpu;
    return isHyp(cpu) ? this.hyp() : this.pl1(isSecure(cpu));
  }

  /** PL1&0 of a security state; Secure only with the Security Extensions. */
  pl1(secure: boolean): Regime {
    const index = secure ? 1 : 0;
    this.#known[index] ??= pl1Regime(this.#cpu, index);
    return this.#known[index];
  }

  hyp(): Regime {
    this.#known[2] ??= hypRegime(this.#cpu);
    return this.#known[2];
  }

  /** A register that a regime is made of has changed. */
  drop(): void {
    this.#known.fill(undefined);
  }
}

const pair = (cpu: Cpu, slot: number): readonly [number, number] => [
  (cpu.system[slot] as number) >>> 0,
  (cpu.system[slot + 1] as number) >>> 0,
];

function pl1Regime(cpu: Cpu, bank: 0 | 1): Regime {
  const at = (slot: number): number => (cpu.system[slot + bank] as number) >>> 0;
  const hcr = bank === 0 && cpu.model.virtualization ? (cpu.system[SLOT.HCR] as number) : 0;
  const sctlr = at(SLOT.SCTLR);
  const ttbcr = at(SLOT.TTBCR);
  const long = (ttbcr & TTBCR.EAE) !== 0;
  const ttbr0 = pair(cpu, SLOT.TTBR0 + 2 * bank);
  const ttbr1 = pair(cpu, SLOT.TTBR1 + 2 * bank);
  const holder = (ttbcr & TTBCR.A1) !== 0 ? ttbr1 : ttbr0;
  return {
    kind: 'PL1&0',
    secure: bank === 1,
    sctlr,
    enabled: (sctlr & SCTLR.M) !== 0 && (hcr & (HCR.TGE | HCR.DC)) === 0,
    defaultCacheable: (hcr & HCR.DC) !== 0,
    long,
    ttbcr,
    ttbr0,
    ttbr1,
    asid: long ? (holder[1] >>> 16) & 0xff : at(SLOT.CONTEXTIDR) & 0xff,
    dacr: at(SLOT.DACR),
    mair0: at(SLOT.MAIR0),
    mair1: at(SLOT.MAIR1),
    secureInstructionFetch: (scr(cpu) & SCR.SIF) !== 0,
    stage2: (hcr & (HCR.VM | HCR.DC)) !== 0 ? stage2(cpu, hcr) : undefined,
  };
}

function stage2(cpu: Cpu, hcr: number): Stage2 {
  const [low, high] = pair(cpu, SLOT.VTTBR);
  return {
    vttbr: (high & 0xff) * 0x1_0000_0000 + low,
    vmid: (high >>> 16) & 0xff,
    vtcr: (cpu.system[SLOT.VTCR] as number) >>> 0,
    protectedWalk: (hcr & HCR.PTW) !== 0,
    bigEndian: ((cpu.system[SLOT.HSCTLR] as number) & SCTLR.EE) !== 0,
  };
}

function hypRegime(cpu: Cpu): Regime {
  const at = (slot: number): number => (cpu.system[slot] as number) >>> 0;
  const sctlr = at(SLOT.HSCTLR);
  return {
    kind: 'Hyp',
    secure: false,
    sctlr,
    enabled: (sctlr & SCTLR.M) !== 0,
    defaultCacheable: false,
    long: true,
    ttbcr: at(SLOT.HTCR),
    ttbr0: pair(cpu, SLOT.HTTBR),
    ttbr1: [0, 0],
    asid: 0,
    dacr: 0,
    mair0: at(SLOT.HMAIR0),
    mair1: at(SLOT.HMAIR1),
    secureInstructionFetch: false,
    stage2: undefined,
  };
}
