/** What instructions do that is not arithmetic: calls between exception levels, status registers, coprocessors, hints, barriers. */
import type { Regime } from '../mmu/regime.ts';
import type { DebugEvents } from './debug.ts';
import type { Field, word } from './insn.ts';
import type { PerformanceMonitors } from './performance.ts';

/** What CNTPCT shows, for an engine that works it out itself: floor(time * numerator / denominator). CNTVCT is that less the offset. */
export interface CounterRate {
  readonly numerator: number;
  readonly denominator: number;
  /** Virtual time now, and CNTPCT. */
  readonly time: number;
  readonly ticks: number;
}

/** The generic timer, as far as its counters go. */
export interface Counters {
  readonly counter?: CounterRate;
  readLow(register: 'CNTVOFF' | 'CNTKCTL' | 'CNTHCTL'): number;
  readHigh(register: 'CNTVOFF'): number;
}

export interface SystemOperations {
  /** Events for the performance monitors. */
  readonly monitors: PerformanceMonitors;
  /** Breakpoints and watchpoints. */
  readonly debug: DebugEvents;
  readonly timer: Counters;

  /** SVC, HVC, SMC: ordinary last effects; the return address is the next instruction. */
  supervisorCall(imm16: Field): void;
  hypervisorCall(imm16: Field): void;
  secureMonitorCall(imm4: Field): void;
  /** BKPT; with semihosting attached, the semihosting call. */
  breakpoint(imm16: Field): void;
  /** HLT, which only semihosting knows; otherwise UNDEFINED. */
  halt(immediate: Field): void;

  /** MRS, MSR: CPSRWriteByInstr and SPSRWriteByInstr with their privilege rules. `mask` has a bit per byte. */
  readCpsr(): word;
  writeCpsr(value: word, mask: Field): void;
  readSpsr(): word;
  writeSpsr(value: word, mask: Field): void;
  readBanked(R: Field, SYSm: Field): word;
  writeBanked(R: Field, SYSm: Field, value: word): void;
  /** Registers of User mode, for LDM and STM with ^. */
  readUser(n: Field): word;
  writeUser(n: Field, value: word): void;
  /** SUBS PC, LR and its kin, LDM with PC and ^, RFE: CPSR from the value (or SPSR), then branch. */
  exceptionReturn(target: word): void;
  returnFrom(target: word, spsr: word): void;
  eret(): void;
  /** SRS: the stack pointer of `mode`; raises UNDEFINED or is UNPREDICTABLE where the manual says. */
  stackPointer(mode: Field): word;
  setStackPointer(mode: Field, value: word): void;
  changeProcessorState(enable: boolean, disable: boolean, A: Field, I: Field, F: Field, changeMode: boolean, mode: Field): void;
  setEndianness(big: boolean): void;
  /** UNDEFINED in User mode or Hyp mode, where a definition needs it. */
  requirePrivileged(): void;
  requireNotUserOrHyp(): void;
  /** UNDEFINED unless SCTLR.SW is set. */
  checkSwapEnabled(): void;
  /** ENTERX and LEAVEX; TEEHBR, where ThumbEE's handlers are. */
  setThumbEE(on: Field): void;
  handlerBase(): word;
  /** The trap to Hyp mode that HSTR.TJDBX asks for. */
  checkBxj(Rm: Field): void;

  readCoprocessor(coproc: Field, opc1: Field, CRn: Field, CRm: Field, opc2: Field, Rt: Field): word;
  writeCoprocessor(coproc: Field, opc1: Field, CRn: Field, CRm: Field, opc2: Field, Rt: Field, value: word): void;
  /** MRRC writes Rt and Rt2 itself; MCRR takes their values. */
  readCoprocessor64(coproc: Field, opc1: Field, CRm: Field, Rt: Field, Rt2: Field): void;
  writeCoprocessor64(coproc: Field, opc1: Field, CRm: Field, Rt: Field, Rt2: Field, low: word, high: word): void;
  /** LDC and STC of CP14's c5, the debug communications channel: DBGDTRTX is loaded, DBGDTRRX is stored. */
  checkDebugTransfer(load: boolean, P: Field, U: Field, W: Field, Rn: Field, imm: Field): void;
  debugReceived(): word;
  debugTaken(): void;
  debugSend(value: word): void;
  /** CDP, other LDC and STC: the coprocessors that exist have none, so UNDEFINED or trapped. */
  otherCoprocessor(coproc: Field): never;

  /** VFP and Advanced SIMD: raises what CPACR, NSACR, HCPTR and FPEXC.EN ask for. */
  checkVfpEnabled(): void;
  /** As the former, for Advanced SIMD instructions: CPACR.ASEDIS and HCPTR.TASE count too. */
  checkAdvancedSimdEnabled(): void;
  readVfpSystem(reg: Field, Rt: Field): void;
  writeVfpSystem(reg: Field, value: word): void;

  /** The timer's event stream: whether it has set the event register since the last call; and that WFE waits for it. */
  takeStreamedEvent(): boolean;
  awaitStreamedEvent(): void;

  waitForInterrupt(): void;
  waitForEvent(): void;
  sendEvent(): void;
  yield(): void;
  instructionBarrier(): void;

  /** The translation regime of the current mode, and that it must be made anew. */
  regime(): Regime;
  regimeChanged(): void;
  /** Writes SCR: the security state may change. */
  setScr(value: number): void;
}
