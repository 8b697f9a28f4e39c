/** VFP and Advanced SIMD: their data instructions, FPSCR's modes, and what enables them. */
import { emitExactly, emitOp, freeRegister, type Maker, pick } from './sequence-maker.ts';
import { floatMemory, memory } from './sequence-memory.ts';
import type { Fields } from './sequence-pick.ts';

/** FPSCR but for LEN and STRIDE, with which arithmetic is UNDEFINED. */
export const FPSCR_BITS = 0xffc0009f;
const FPSCR = 1;
/** FPSID, which ignores it, FPSCR and FPEXC. */
const WRITABLE = [0, FPSCR, 8];
const CPACR = 0xee010f50;
const SCTLR = 0xee010f10;
const READ = 1 << 20;
const ISB_T32 = 0xf3bf8f6f;
const ISB_A32 = 0xf57ff06f;

export function vfp(maker: Maker): void {
  const op = pick(maker, 'vfp');
  const { reg = 0, Rt = 15 } = op.operands as Fields;
  // To write the others is UNPREDICTABLE in privileged modes.
  if (op.name === 'VMSR' && maker.privileged && !WRITABLE.includes(reg)) return vfp(maker);
  if (op.name !== 'VMSR' || Rt === 15) return emitOp(maker, op);
  maker.code.constant(Rt, reg === FPSCR ? modes(maker) : maker.random.word() | FPEXC_EN);
  emitExactly(maker, op);
}

export function neon(maker: Maker): void {
  emitOp(maker, pick(maker, 'neon'));
}

/** VMSR FPSCR with other modes: rounding, flush-to-zero, default NaN, alternative half precision. */
export function floatModes(maker: Maker): void {
  const register = freeRegister(maker);
  maker.code.constant(register, modes(maker));
  maker.code.emit(0xeee10a10 | (register << 12));
}

const modes = ({ random }: Maker): number => (random.word() & (random.once(2) ? FPSCR_BITS : 0xf7c0_0000)) >>> 0;

const FPEXC_EN = 0x40000000;

function floatAccess(maker: Maker): void {
  const turn = maker.random.below(4);
  if (turn === 0) floatMemory(maker);
  else if (turn === 1) neon(maker);
  else vfp(maker);
}

/** FPEXC or CPACR disable both, or allow them in privileged modes only, for some instructions; for privileged code. */
export function floatDisabled(maker: Maker): void {
  const { random, code } = maker;
  const register = freeRegister(maker);
  if (random.once(2)) {
    writeCpacr(maker, register, random.once(3) ? 0x5 : 0x0);
    for (let n = 1 + random.below(3); n > 0; n--) floatAccess(maker);
    writeCpacr(maker, register, 0xf);
  } else {
    for (const value of [0, FPEXC_EN]) {
      code.constant(register, value);
      code.emit(0xeee80a10 | (register << 12));
      for (let n = random.below(3); n > 0; n--) floatAccess(maker);
    }
  }
}

function writeCpacr({ code }: Maker, register: number, access: number): void {
  code.constant(register, access << 20);
  code.emit(CPACR | (register << 12));
  code.emit(code.thumb ? ISB_T32 : ISB_A32);
}

/** SCTLR.A: all unaligned accesses abort, for some instructions; for privileged code. */
export function alignmentChecked(maker: Maker): void {
  const { random, code } = maker;
  const register = freeRegister(maker);
  for (const set of [true, false]) {
    code.emit(SCTLR | READ | (register << 12));
    const [t32, a32] = set ? [0xf0400002, 0xe3800002] : [0xf0200002, 0xe3c00002];
    code.emit(code.thumb ? t32 | (register << 16) | (register << 8) : a32 | (register << 16) | (register << 12));
    code.emit(SCTLR | (register << 12));
    code.emit(code.thumb ? ISB_T32 : ISB_A32);
    if (!set) return;
    for (let n = 1 + random.below(2); n > 0; n--) memory(maker);
    if (random.once(2)) floatMemory(maker);
  }
}
