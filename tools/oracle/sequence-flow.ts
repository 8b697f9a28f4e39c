/** Where execution goes: loops, calls, skips, table branches, jumps to the other instruction set and to where nothing can be fetched. */
import { WINDOW } from './layout.ts';
import { NEVER_EXECUTED, NOWHERE, PRIVILEGED, RESUME, UNMAPPED } from './sequence-layout.ts';
import { data, emitExactly, freeRegister, type Maker, pick } from './sequence-maker.ts';

/** Makes the parts within a loop or call. */
export type Body = (maker: Maker, parts: number) => void;

const LOW = 8;

/** A counted loop: SUBS and BNE on a register that the body leaves alone. */
export function loop(maker: Maker, body: Body): void {
  const { random, code, kept } = maker;
  const counter = freeRegister(maker, LOW);
  code.half(counter, random.once(6) ? 2 + random.below(30) : 2 + random.below(4), { role: 'count' });
  const start = code.here;
  body({ ...maker, kept: [...kept, counter] }, 1 + random.below(4));
  if (code.thumb) code.emit(0x3801 | (counter << 8), true);
  else code.emit(0xe2500001 | (counter << 16) | (counter << 12));
  code.branch(start, 1);
}

/** A conditional branch over some parts: B, CBZ or CBNZ. */
export function skip(maker: Maker, body: Body): void {
  const { random, code } = maker;
  if (code.thumb && random.once(3)) return compareAndSkip(maker);
  const land = code.branchLater(random.below(14));
  body(maker, 1 + random.below(3));
  land();
}

function compareAndSkip(maker: Maker): void {
  const { random, code } = maker;
  const op = pick(maker, 'data');
  code.emit(0xb100 | (random.below(2) << 11) | ((op.size === 2 ? 0 : 1) << 3) | freeRegister(maker, LOW), true);
  emitExactly(maker, op);
}

/** The address of what comes next as BX wants it. */
const entry = ({ code }: Maker): number => code.here | (code.thumb ? 1 : 0);

/** BL, BLX or BLX to a subroutine in either instruction set that returns by BX. */
export function call(maker: Maker, body: Body): void {
  const { random, code, kept } = maker;
  const thumb = code.thumb !== random.once(3);
  const link = freeRegister(maker, LOW);
  if (thumb !== code.thumb) code.fix();
  const land = enter(maker, thumb);
  const over = code.branchLater();
  const outer = code.thumb;
  if (!thumb) code.alignForArm();
  code.thumb = thumb;
  land();
  // MOV link, LR: exceptions from Supervisor mode change LR.
  if (thumb) code.emit(0x4670 | link, true);
  else code.emit(0xe1a0000e | (link << 12));
  body({ ...maker, kept: [...kept, link] }, 1 + random.below(3));
  if (thumb) code.emit(0x4700 | (link << 3), true);
  else code.emit((random.once(2) ? 0xe12fff10 : 0xe1a0f000) | link);
  if (!outer) code.alignForArm();
  code.thumb = outer;
  over();
}

/** The branch to a subroutine; the function tells where it is. */
function enter(maker: Maker, thumb: boolean): () => void {
  const { random, code } = maker;
  if (random.once(2)) {
    const register = freeRegister(maker);
    const set = code.constantLater(register);
    if (code.thumb) code.emit(0x4780 | (register << 3), true);
    else code.emit(0xe12fff30 | register);
    return () => set(entry(maker));
  }
  const { here } = code;
  const from = code.thumb;
  const place = code.emit(from ? (thumb ? 0xf000f800 : 0xf000e800) : thumb ? 0xfa000000 : 0xeb000000);
  return () => {
    const distance = code.here - (from ? (here + 4) & (thumb ? ~0 : ~3) : here + 8);
    if (from) code.patch(place, (distance >> 1) & 0x7ff);
    else code.patch(place, ((distance >> 2) & 0xffffff) | (thumb ? (distance & 2) << 23 : 0));
  };
}

/** TBB or TBH into one of four narrow instructions, or B in A32. */
export function table(maker: Maker): void {
  const { random, code } = maker;
  if (!code.thumb) return jump(maker, false);
  const register = freeRegister(maker);
  const wide = random.once(2);
  code.constant(register, random.below(4));
  // SETEND LE: a table is data.
  code.emit(0xb650, true);
  code.emit(0xe8d0f000 | (15 << 16) | (wide ? 0x10 : 0) | register);
  // Entries count halfwords from the table on.
  const places = Array.from({ length: 4 }, () => (wide ? 4 : 2) + random.below(4));
  const bytes = wide ? places.flatMap((place) => [place, 0]) : places;
  for (let i = 0; i < bytes.length; i += 2) code.emit((bytes[i] as number) | ((bytes[i + 1] as number) << 8), true);
  for (let n = 0; n < 4; n++) {
    for (;;) {
      const op = pick(maker, 'data');
      if (op.size !== 2) continue;
      emitExactly(maker, op);
      break;
    }
  }
}

/** How a register's value makes the address to go to. */
type Form = (maker: Maker, register: number) => (target: number) => number;
const itself = (target: number): number => target;

/** On to what follows, over an instruction or two, by something that writes the PC; into the other instruction set or not. */
export function jump(maker: Maker, change: boolean): void {
  const { random, code } = maker;
  const register = freeRegister(maker);
  const set = code.constantLater(register);
  const forms: readonly Form[] = [branchExchange, loadPC, ...(change && code.thumb ? [] : [move]), ...(change ? [] : [addition])];
  const value = random.pick(forms)(maker, register);
  for (let n = random.below(3); n > 0; n--) data(maker);
  code.alignForArm();
  if (change) code.thumb = !code.thumb;
  set(value(entry(maker)));
}

/** BX, BLX, BXJ. */
function branchExchange({ random, code }: Maker, register: number): (target: number) => number {
  const kind = random.below(3);
  if (!code.thumb) code.emit(([0xe12fff10, 0xe12fff20, 0xe12fff30][kind] as number) | register);
  else if (kind === 0) code.emit(0xf3c08f00 | (register << 16));
  else code.emit((kind === 1 ? 0x4700 : 0x4780) | (register << 3), true);
  return itself;
}

/** LDR of the PC, or LDM, POP among them. */
function loadPC(maker: Maker, register: number): (target: number) => number {
  const { random, code } = maker;
  const base = random.once(3) ? 13 : freeRegister(maker, 13, [register]);
  const many = random.once(2);
  code.constant(base, WINDOW + 128);
  code.store(register, base, 0);
  if (code.thumb && many && base === 13) code.emit(0xbd00, true);
  else if (code.thumb) code.emit(0xf8d0f000 | (base << 16));
  else code.emit((many ? 0xe8908000 : 0xe590f000) | (base << 16));
  return itself;
}

/** MOV PC, which in T32 stays there. */
function move({ code }: Maker, register: number): (target: number) => number {
  if (code.thumb) code.emit(0x4687 | (register << 3), true);
  else code.emit(0xe1a0f000 | register);
  return itself;
}

/** ADD PC, PC, a difference. */
function addition({ code }: Maker, register: number): (target: number) => number {
  const pc = code.here + (code.thumb ? 4 : 8);
  if (code.thumb) code.emit(0x4487 | (register << 3), true);
  else code.emit(0xe08ff000 | register);
  return (target) => (target - pc) >>> 0;
}

/** BX to where nothing can be fetched; the harness goes on at the address in R4. */
export function prefetchAbort(maker: Maker, change: boolean): void {
  const { random, code, kept } = maker;
  if (kept.includes(RESUME)) return data(maker);
  const register = freeRegister(maker, 13, [RESUME]);
  const set = code.constantLater(RESUME);
  const targets = [UNMAPPED, NOWHERE, NEVER_EXECUTED, ...(maker.privileged ? [] : [PRIVILEGED])];
  code.constant(register, random.pick(targets) + 4 * random.below(64) + random.pick([0, 1, 3]));
  if (code.thumb) code.emit((random.once(2) ? 0x4700 : 0x4780) | (register << 3), true);
  else code.emit((random.once(2) ? 0xe12fff10 : 0xe12fff30) | register);
  code.alignForArm();
  if (change) code.thumb = !code.thumb;
  set(entry(maker));
}
