/** The system side of one processor: everything that instructions ask for by name and that is not arithmetic. Reference: Arm DDI 0406C, part B. */
import type { Mmu } from '../mmu/mmu.ts';
import type { Regime } from '../mmu/regime.ts';
import type { Tlb } from '../mmu/tlb.ts';
import * as calls from './calls.ts';
import { SCR } from './controls.ts';
import type { Access } from './coprocessor.ts';
import * as coprocessor from './coprocessor.ts';
import { DebugEvents } from './debug.ts';
import * as enables from './enables.ts';
import * as hints from './hints.ts';
import type { Field, word } from './insn.ts';
import { setThumbEE } from './instruction-set.ts';
import { currentMode, isHyp, isUser, MODE, readModeRegister, refreshInitiator, viewChanged, writeModeRegister } from './modes.ts';
import type { SystemOperations } from './operations.ts';
import { PerformanceMonitors, type PerformancePort } from './performance.ts';
import { Regimes } from './regime.ts';
import * as returns from './returns.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import * as status from './status.ts';
import { EC, loadStoreSyndrome, moveSyndrome, wideMoveSyndrome } from './syndrome.ts';
import { SYSTEM_REGISTERS } from './sysreg/all.ts';
import { receive } from './sysreg/debug.ts';
import { RegisterFile } from './sysreg/register.ts';
import type { TimerPort } from './sysreg/timer.ts';
import * as vfp from './vfp-access.ts';

export type { SystemOperations } from './operations.ts';

/** What the system registers reach outside the processor. */
export interface SystemPorts {
  readonly mmu: Mmu;
  readonly tlb: Tlb;
  readonly timer: TimerPort;
  /** The TLBs of all cores, which broadcast maintenance reaches; without it, this core is alone. */
  readonly shareableTlbs?: () => readonly Tlb[];
  /** What the performance monitors count by; without it they stand still. */
  readonly monitors?: PerformancePort;
}

const STANDSTILL: PerformancePort = { now: () => 0, retired: () => 0 };

export class System implements SystemOperations {
  readonly cpu: Cpu;
  readonly ports: SystemPorts;
  readonly timer: TimerPort;
  readonly regimes: Regimes;
  readonly registers: RegisterFile;
  readonly monitors: PerformanceMonitors;
  readonly debug: DebugEvents;
  /** The register access in progress. */
  #access: Access | undefined;

  constructor(cpu: Cpu, ports: SystemPorts) {
    this.cpu = cpu;
    this.ports = ports;
    this.timer = ports.timer;
    this.regimes = new Regimes(cpu);
    this.monitors = new PerformanceMonitors(cpu, ports.monitors ?? STANDSTILL);
    this.debug = new DebugEvents(cpu);
    this.registers = new RegisterFile(SYSTEM_REGISTERS, cpu.model);
  }

  // Calls

  supervisorCall(immediate: Field): void {
    calls.supervisorCall(this.cpu, immediate);
  }
  hypervisorCall(imm16: Field): void {
    calls.hypervisorCall(this.cpu, imm16);
  }
  secureMonitorCall(_imm4: Field): void {
    calls.secureMonitorCall(this.cpu);
  }
  breakpoint(imm16: Field): void {
    calls.breakpoint(this.cpu, imm16);
  }
  halt(immediate: Field): void {
    calls.halt(this.cpu, immediate);
  }

  // Status registers

  readCpsr(): word {
    return status.visibleCpsr(this.cpu) as word;
  }
  writeCpsr(value: word, mask: Field): void {
    status.writeCpsr(this.cpu, value, mask, false);
  }
  readSpsr(): word {
    return status.readSpsr(this.cpu) as word;
  }
  writeSpsr(value: word, mask: Field): void {
    status.writeSpsr(this.cpu, value, mask);
  }
  readBanked(R: Field, SYSm: Field): word {
    return status.readBanked(this.cpu, R, SYSm) as word;
  }
  writeBanked(R: Field, SYSm: Field, value: word): void {
    status.writeBanked(this.cpu, R, SYSm, value);
  }
  readUser(n: Field): word {
    return readModeRegister(this.cpu, n, MODE.usr) as word;
  }
  writeUser(n: Field, value: word): void {
    writeModeRegister(this.cpu, n, MODE.usr, value);
  }
  exceptionReturn(target: word): void {
    returns.exceptionReturn(this.cpu, target);
  }
  returnFrom(target: word, spsr: word): void {
    returns.returnFrom(this.cpu, target, spsr);
  }
  eret(): void {
    returns.eret(this.cpu);
  }
  stackPointer(mode: Field): word {
    return returns.stackPointer(this.cpu, mode) as word;
  }
  setStackPointer(mode: Field, value: word): void {
    returns.setStackPointer(this.cpu, mode, value);
  }
  changeProcessorState(enable: boolean, disable: boolean, A: Field, I: Field, F: Field, changeMode: boolean, mode: Field): void {
    const masks = enable || disable ? (A << 8) | (I << 7) | (F << 6) : 0;
    returns.changeProcessorState(this.cpu, (disable ? masks : 0) | mode, masks | (changeMode ? 31 : 0));
  }
  setEndianness(big: boolean): void {
    const { s } = this.cpu;
    if ((s[S.E] !== 0) === big) return;
    s[S.E] = big ? 1 : 0;
    viewChanged(this.cpu);
  }
  requirePrivileged(): void {
    if (isUser(this.cpu)) this.cpu.undefined();
  }
  requireNotUserOrHyp(): void {
    if (isUser(this.cpu) || currentMode(this.cpu) === MODE.sys || isHyp(this.cpu)) this.cpu.undefined();
  }

  checkSwapEnabled(): void {
    enables.checkSwapEnabled(this.cpu);
  }
  setThumbEE(on: Field): void {
    if (isHyp(this.cpu)) this.cpu.unpredictable();
    setThumbEE(this.cpu, on === 1);
  }
  handlerBase(): word {
    return this.cpu.system[SLOT.TEEHBR] as word;
  }
  checkBxj(Rm: Field): void {
    enables.checkBxj(this.cpu, Rm);
  }

  // Coprocessors

  readCoprocessor(coproc: Field, opc1: Field, CRn: Field, CRm: Field, opc2: Field, Rt: Field): word {
    const access = this.#begin(coproc, CRn, false, false, moveSyndrome(opc1, CRn, CRm, opc2, Rt, true));
    coprocessor.checkImplementationDefined(this.cpu, access, CRn, CRm);
    const row = coprocessor.check(this, this.registers.find(coproc, opc1, CRn, CRm, opc2), access);
    return coprocessor.read(this, row) as word;
  }
  writeCoprocessor(coproc: Field, opc1: Field, CRn: Field, CRm: Field, opc2: Field, Rt: Field, value: word): void {
    const access = this.#begin(coproc, CRn, false, true, moveSyndrome(opc1, CRn, CRm, opc2, Rt, false));
    coprocessor.checkImplementationDefined(this.cpu, access, CRn, CRm);
    const row = coprocessor.check(this, this.registers.find(coproc, opc1, CRn, CRm, opc2), access);
    coprocessor.write(this, row, value);
    this.cpu.s[S.ATTENTION] = 1;
  }
  readCoprocessor64(coproc: Field, opc1: Field, CRm: Field, Rt: Field, Rt2: Field): void {
    const access = this.#begin(coproc, CRm, true, false, wideMoveSyndrome(opc1, CRm, Rt, Rt2, true));
    const row = coprocessor.check(this, this.registers.findWide(coproc, opc1, CRm), access);
    const [low, high] = coprocessor.readWide(this, row);
    this.cpu.words[Rt] = low;
    this.cpu.words[Rt2] = high;
  }
  writeCoprocessor64(coproc: Field, opc1: Field, CRm: Field, Rt: Field, Rt2: Field, low: word, high: word): void {
    const access = this.#begin(coproc, CRm, true, true, wideMoveSyndrome(opc1, CRm, Rt, Rt2, false));
    const row = coprocessor.check(this, this.registers.findWide(coproc, opc1, CRm), access);
    coprocessor.writeWide(this, row, low, high);
    this.cpu.s[S.ATTENTION] = 1;
  }
  /** LDC (to DBGDTRTX) or STC (from DBGDTRRX): may the access be made? */
  checkDebugTransfer(load: boolean, P: Field, U: Field, W: Field, Rn: Field, imm: Field): void {
    const iss = loadStoreSyndrome(load, P, U, W, Rn, imm);
    const access: Access = { coproc: 14, number: 0, wide: false, write: load, iss, ec: EC.cp14LoadStore };
    coprocessor.check(this, this.registers.find(14, 0, 0, 5, 0), access);
  }
  debugReceived(): word {
    return this.cpu.system[SLOT.DBGDTRRX] as word;
  }
  debugTaken(): void {
    receive(this);
  }
  debugSend(_value: word): void {}
  otherCoprocessor(coproc: Field): never {
    return coprocessor.absent(this.cpu, coproc);
  }
  /** A register's own conditions found that Hyp mode wants to see the access. */
  trapCurrentAccess(): never {
    return coprocessor.trap(this.cpu, this.#access as Access);
  }

  #begin(coproc: number, number: number, wide: boolean, write: boolean, iss: number): Access {
    if (coproc < 14) coprocessor.absent(this.cpu, coproc);
    this.#access = { coproc, number, wide, write, iss };
    return this.#access;
  }

  // VFP

  checkVfpEnabled(): void {
    vfp.checkEnabled(this.cpu, true, false);
  }
  checkAdvancedSimdEnabled(): void {
    vfp.checkEnabled(this.cpu, true, true);
  }
  /** VMRS; with Rt = 15 the flags go to APSR. */
  readVfpSystem(reg: Field, Rt: Field): void {
    const value = vfp.readVfpSystem(this.cpu, reg, Rt);
    if (Rt === 15) status.writeFlags(this.cpu, (value & 0xf0000000) | (this.cpu.Q ? 1 << 27 : 0));
    else this.cpu.words[Rt] = value;
  }
  writeVfpSystem(reg: Field, value: word): void {
    vfp.writeVfpSystem(this.cpu, reg, value);
  }

  // Hints and barriers

  takeStreamedEvent(): boolean {
    return this.timer.takeEvent?.() ?? false;
  }
  awaitStreamedEvent(): void {
    this.timer.awaitEvent?.();
  }

  waitForInterrupt(): void {
    hints.waitForInterrupt(this.cpu);
  }
  waitForEvent(): void {
    hints.waitForEvent(this.cpu);
  }
  sendEvent(): void {
    hints.sendEvent(this.cpu);
  }
  yield(): void {}
  /** Context changes take effect at once here, so a barrier has nothing left to do. */
  instructionBarrier(): void {}

  // Translation

  regime(): Regime {
    return this.regimes.current();
  }
  regimeChanged(): void {
    this.regimes.drop();
    refreshInitiator(this.cpu);
    this.cpu.mem.regimeChanged();
    this.cpu.s[S.ATTENTION] = 1;
  }
  setScr(value: number): void {
    const { cpu } = this;
    const changed = (cpu.system[SLOT.SCR] as number) ^ value;
    cpu.system[SLOT.SCR] = value;
    if ((changed & (SCR.NS | SCR.SIF)) !== 0) {
      viewChanged(cpu);
      this.regimeChanged();
    }
  }
}
