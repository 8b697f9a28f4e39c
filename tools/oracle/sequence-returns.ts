/** Exception returns as a way on to what follows: in any privileged mode and either instruction set, from registers or from memory. */
import { WINDOW } from './layout.ts';
import { MASKS, type Maker, MODES } from './sequence-maker.ts';

/** Modes that have an SPSR. */
const EXCEPTION_MODES = MODES.slice(0, -1);

export function exceptionReturn(maker: Maker): void {
  const { random, code } = maker;
  const mode = random.pick(MODES);
  const thumb = random.once(2);
  const from = random.pick(EXCEPTION_MODES);
  code.alignForArm();
  code.enterMode(from);
  const value = ((random.word() & 0xf80f0000) | MASKS | mode | (thumb ? 0x20 : 0)) >>> 0;
  const [first, second] = [random.below(4), 4 + random.below(4)];
  if (random.once(3)) storeReturnState(maker, random.pick(EXCEPTION_MODES), from);
  if (random.once(3)) returnFromMemory(maker, first, second, value);
  else returnByRegister(maker, first, second, value);
  code.thumb = thumb;
}

/** RFE, of two words that are stored first. */
function returnFromMemory({ random, code }: Maker, base: number, register: number, spsr: number): void {
  const down = random.once(2);
  const place = WINDOW + 100 - (down ? 0 : 8);
  code.constant(base, place);
  code.constant(register, spsr);
  code.store(register, base, down ? -4 : 4);
  // MOVW, MOVT, the store and the return.
  code.constant(register, code.here + 16);
  code.store(register, base, down ? -8 : 0);
  const writeback = random.below(2) << 21;
  if (code.thumb) code.emit((down ? 0xe810c000 : 0xe990c000) | writeback | (base << 16));
  else code.emit((down ? 0xf9100a00 : 0xf8900a00) | writeback | (base << 16));
}

/** MSR of SPSR, then one of the returns that take their target from LR or from memory. */
function returnByRegister({ random, code }: Maker, base: number, register: number, spsr: number): void {
  code.constant(register, spsr);
  if (code.thumb) code.emit(0xf3908f00 | (register << 16));
  else code.emit(0xe16ff000 | register);
  const kind = random.below(4);
  if (kind === 0 && !code.thumb) {
    code.constant(base, WINDOW + 100);
    code.constant(register, code.here + 16);
    code.store(register, base, 0);
    code.emit(0xe8d08000 | (base << 16));
    return;
  }
  // MOVS PC, LR, SUBS PC, LR, #4, ERET.
  const less = kind === 1 ? 4 : 0;
  code.constant(14, code.here + 12 + less);
  if (code.thumb) code.emit(0xf3de8f00 | less);
  else code.emit(kind === 1 ? 0xe25ef004 : kind === 2 ? 0xe160006e : 0xe1b0f00e);
}

/** SRS to the stack of a mode. */
function storeReturnState({ random, code }: Maker, mode: number, from: number): void {
  code.enterMode(mode);
  code.constant(13, WINDOW + 100);
  code.enterMode(from);
  const down = random.once(2);
  if (code.thumb) code.emit((down ? 0xe82dc000 : 0xe9adc000) | mode);
  else code.emit((down ? 0xf96d0500 : 0xf8ed0500) | mode);
}
