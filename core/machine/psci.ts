/**
 * PSCI firmware of a bare board, as QEMU's virt machine has it: it starts and stops cores, and ends the run.
 * Reference: DEN 0022 (PSCI 1.1); DEN 0028 (SMCCC).
 */
import { resetCpu } from '../cpu/reset.ts';
import * as S from '../cpu/scalars.ts';
import { type Cpu, WAIT } from '../cpu/state.ts';
import type { Machine } from './machine.ts';

const CALL = {
  SMCCC_VERSION: 0x80000000,
  PSCI_VERSION: 0x84000000,
  CPU_SUSPEND: 0x84000001,
  CPU_OFF: 0x84000002,
  CPU_ON: 0x84000003,
  AFFINITY_INFO: 0x84000004,
  MIGRATE_INFO_TYPE: 0x84000006,
  SYSTEM_OFF: 0x84000008,
  SYSTEM_RESET: 0x84000009,
  PSCI_FEATURES: 0x8400000a,
} as const;

const NOT_SUPPORTED = -1;
const INVALID_PARAMETERS = -2;
const ALREADY_ON = -4;
const KNOWN: ReadonlySet<number> = new Set(Object.values(CALL));

export class Psci {
  readonly #machine: Machine;
  readonly #conduit: 'hvc' | 'smc';
  readonly #mode: 'svc' | 'hyp';

  /** `mode`: in which mode CPU_ON starts a core. */
  constructor(machine: Machine, conduit: 'hvc' | 'smc', mode: 'svc' | 'hyp') {
    this.#machine = machine;
    this.#conduit = conduit;
    this.#mode = mode;
  }

  /** Answers a call in r0 to r3. False: not for PSCI. */
  call(cpu: Cpu, conduit: 'hvc' | 'smc'): boolean {
    if (conduit !== this.#conduit) return false;
    const [id, a, b, c] = [0, 1, 2, 3].map((n) => (cpu.words[n] as number) >>> 0) as [number, number, number, number];
    const result = this.#answer(cpu, id, a, b, c);
    if (result !== undefined) cpu.words[0] = result;
    return true;
  }

  #answer(cpu: Cpu, id: number, a: number, b: number, c: number): number | undefined {
    switch (id) {
      case CALL.SMCCC_VERSION:
        return 0x10001;
      case CALL.PSCI_VERSION:
        return 0x10001;
      case CALL.PSCI_FEATURES:
        return KNOWN.has(a) ? 0 : NOT_SUPPORTED;
      case CALL.MIGRATE_INFO_TYPE:
        return 2;
      case CALL.CPU_ON:
        return this.#on(a, b, c);
      case CALL.AFFINITY_INFO:
        return this.#state(a);
      case CALL.CPU_SUSPEND:
        return this.#wait(cpu, WAIT.interrupt, 0);
      case CALL.CPU_OFF:
        return this.#wait(cpu, WAIT.off, undefined);
      case CALL.SYSTEM_OFF:
        return this.#machine.end({ kind: 'off' });
      case CALL.SYSTEM_RESET:
        return this.#machine.end({ kind: 'reset' });
      default:
        return NOT_SUPPORTED;
    }
  }

  #on(target: number, entry: number, context: number): number {
    const cpu = this.#core(target);
    if (cpu === undefined) return INVALID_PARAMETERS;
    if (cpu.s[S.WAIT] !== WAIT.off) return ALREADY_ON;
    resetCpu(cpu, { entry, mode: this.#mode, secure: false });
    cpu.words[0] = context | 0;
    return 0;
  }

  #state(target: number): number {
    const cpu = this.#core(target);
    if (cpu === undefined) return INVALID_PARAMETERS;
    return cpu.s[S.WAIT] === WAIT.off ? 1 : 0;
  }

  #wait(cpu: Cpu, how: number, result: number | undefined): number | undefined {
    cpu.s[S.WAIT] = how;
    cpu.s[S.ATTENTION] = 1;
    return result;
  }

  #core(target: number): Cpu | undefined {
    return this.#machine.cpus.find(({ index }) => index === (target & 0xffffff));
  }
}
