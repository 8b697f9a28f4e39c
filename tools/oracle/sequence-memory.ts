/** Accesses to memory: most with their base register set so that they fall into the window, some so that they abort, some as it comes. */
import type { Op } from '../../core/cpu/decode.ts';
import { WINDOW, WINDOW_WORDS } from './layout.ts';
import { NOWHERE, PRIVILEGED, READ_ONLY, UNMAPPED } from './sequence-layout.ts';
import { emitExactly, emitOp, freeRegister, type Maker, pick } from './sequence-maker.ts';
import type { Fields } from './sequence-pick.ts';

/** Room on both sides for what LDM and STM reach. */
const MARGIN = 72;
const SPREAD = 100;

/** Several registers, of which some are loaded or stored before a page's end would be noticed. */
const isMultiple = (name: string): boolean => /^(LDM|STM|LDRD|STRD|V)/.test(name);
const isUnprivileged = (name: string): boolean => /^(LDR|STR)(S?[BH])?T_/.test(name);
const isStore = (name: string): boolean => name.startsWith('ST') || name.startsWith('SWP');

export function memory(maker: Maker): void {
  const { random, privileged } = maker;
  for (;;) {
    const op = pick(maker, 'memory');
    const { Rn, Rm, shift = 0 } = op.operands as Fields;
    if ((Rn === 15 && isStore(op.name)) || shift === 4 || Rn === Rm) continue;
    const steered = Rn !== undefined && Rn !== 15 && (privileged || isMultiple(op.name) || !random.once(8));
    if (!steered && privileged && Rm !== undefined) continue;
    if (!steered) return emitOp(maker, op);
    steer(maker, op, Rn, random.once(10) ? faulting(maker, op) : inWindow(maker));
    return emitExactly(maker, op);
  }
}

function inWindow({ random }: Maker): number {
  return WINDOW + MARGIN + (random.below(SPREAD) & (random.once(3) ? ~0 : ~3));
}

/** Where the access aborts, and does so at once. */
function faulting({ random, privileged }: Maker, { name }: Op): number {
  const targets = [UNMAPPED, NOWHERE];
  if (!privileged || isUnprivileged(name)) targets.push(PRIVILEGED + 0x800, ...(isStore(name) ? [READ_ONLY] : []));
  return random.pick(targets) + 4 * random.below(64) + (random.once(4) ? random.below(4) : 0);
}

/** Sets the base, and the register that is added to it. */
function steer({ random, code }: Maker, { operands, name }: Op, base: number, target: number): void {
  const { Rm, P, U = 1, W, imm = 0, imm12 = imm, imm8 = imm12, amount = 0, shift = 0 } = operands as Fields;
  let offset = name.startsWith('SWP') || name === 'LDM' || name === 'STM' ? 0 : imm8;
  if (Rm !== undefined && !name.startsWith('SWP')) {
    const value = random.below(32);
    if (Rm !== 15) code.constant(Rm, value);
    const moved = shift === 0 ? value << amount : shift === 1 ? (amount === 32 ? 0 : value >>> amount) : 0;
    offset = shift === 3 ? (value >>> amount) | (value << (32 - amount)) : moved;
  }
  const before = isUnprivileged(name) ? W !== 1 && Rm === undefined : P !== 0;
  const delta = before ? (U === 1 ? offset : -offset) : 0;
  code.constant(base, (target - delta) >>> 0);
}

/** Loads and stores of floating-point registers. */
export function floatMemory(maker: Maker): void {
  const { random, code } = maker;
  for (;;) {
    const op = pick(maker, 'floatMemory');
    const { Rn = 15, alignment = 0 } = op.operands as Fields;
    if (Rn === 15 && /^VST/.test(op.name)) continue;
    if (Rn === 15) return emitExactly(maker, op);
    const [low, high] = reach(op);
    const room = 4 * WINDOW_WORDS - (high - low);
    const target = random.once(10)
      ? faulting(maker, op) & ~3
      : WINDOW + (random.below(room) & (random.once(6) ? ~0 : -(alignment || 4)));
    // QEMU checks no more than 16 bytes of the 32 that an instruction may ask for.
    if (alignment === 32 && (target & 31) === 16) continue;
    code.constant(Rn, (target - low) >>> 0);
    return emitExactly(maker, op);
  }
}

/** The bytes that it may touch, relative to its base. */
function reach({ operands, name }: Op): readonly [low: number, high: number] {
  const { offset = 0, first = 0, regs = 0, sz = 0 } = operands as Fields;
  if (/^V(LDR|STR)$/.test(name)) return [offset, offset + 8];
  if (/^V(LDM|STM)$/.test(name)) return [first, first + 4 * (sz ? 2 * regs + 1 : regs)];
  return [0, 32];
}

/** A load and a store exclusive of one address and size, with data instructions between them. */
export function exclusive(maker: Maker): void {
  const { random, code } = maker;
  const size = random.pick(['', 'B', 'H', 'D']);
  const base = freeRegister(maker);
  const fields = { cond: 14, Rn: base, imm8: random.below(4) };
  const offset = code.thumb && size === '' ? 4 * fields.imm8 : 0;
  code.constant(base, WINDOW + MARGIN + 8 * random.below(12) - offset);
  for (;;) {
    const load = pick(maker, 'exclusive', { fields, name: (name) => name === `LDREX${size}` });
    const { Rt, Rt2 } = load.operands as Fields;
    if (Rt === base || Rt2 === base) continue;
    emitExactly(maker, load);
    break;
  }
  for (let n = random.below(3); n > 0; n--) emitExactly(maker, pick(maker, 'data', { kept: [base] }));
  emitExactly(maker, pick(maker, 'exclusive', { fields, name: (name) => name === `STREX${size}` }));
}
