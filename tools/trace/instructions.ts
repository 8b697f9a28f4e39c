/**
 * The trace of instructions, after Arm's Tarmac: each with its time, core, owner, mode, both addresses, bits and text, then the registers that it
 * wrote and its accesses to memory.
 *
 *     1203 ns cpu0 control/0 IT 40000010:0084000010 e3a00001 A svc : mov r0, #1
 *     1203 ns cpu0 R r0 00000001
 */
import { conditionPassed } from '../../core/cpu/alu.ts';
import { Decoder } from '../../core/cpu/decode.ts';
import { disassemble } from '../../core/cpu/disassemble.ts';
import type { Field } from '../../core/cpu/insn.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { MODE } from '../../core/cpu/modes.ts';
import * as S from '../../core/cpu/scalars.ts';
import type { Cpu } from '../../core/cpu/state.ts';
import { cpsr } from '../../core/cpu/status.ts';
import { AccessLog, type MemoryAccess } from './accesses.ts';
import type { InstructionWatcher } from './execution.ts';
import type { Observation } from './observation.ts';
import type { Who } from './record.ts';

const PAGE = 0xfff;
const REGISTERS = 15;
const FP_WORDS = 64;
const MODES = new Map<number, string>(Object.entries(MODE).map(([name, value]) => [value, name]));
const NAMES = [...Array.from({ length: 13 }, (_, n) => `r${n}`), 'sp', 'lr'];
const BANKED = 13;

/** Where the next instruction stands, if it can be fetched. */
interface Site {
  readonly pc: number;
  readonly pa: number;
  readonly bits: number;
  readonly wide: boolean;
}

interface Before {
  readonly words: Int32Array;
  readonly fp: Int32Array;
  cpsr: number;
  mode: number;
  /** What every line of the instruction begins with. */
  head: string;
}

export class InstructionTrace implements InstructionWatcher {
  readonly #observation: Observation;
  readonly #line: (line: string) => void;
  readonly #decoder = new Decoder(INSTRUCTIONS);
  readonly #accesses: readonly AccessLog[];
  readonly #before: readonly Before[];
  /** Physical address of a page, by its place in the arena. */
  readonly #pages = new Map<number, number>();

  constructor(observation: Observation, line: (line: string) => void) {
    this.#observation = observation;
    this.#line = line;
    const { cpus } = observation.machine;
    this.#accesses = cpus.map((cpu) => new AccessLog(cpu));
    this.#before = cpus.map(() => ({
      words: new Int32Array(REGISTERS),
      fp: new Int32Array(FP_WORDS),
      cpsr: 0,
      mode: 0,
      head: '',
    }));
  }

  before(cpu: Cpu, who: Who): void {
    const before = this.#before[cpu.index] as Before;
    before.words.set(cpu.words.subarray(0, REGISTERS));
    before.fp.set(cpu.fp.w.subarray(0, FP_WORDS));
    before.cpsr = cpsr(cpu);
    before.mode = cpu.s[S.M] as number;
    before.head = `${this.#observation.now()} ns cpu${cpu.index}`;
    this.#line(`${before.head} ${this.#observation.names.who(who)} ${this.#text(cpu, this.#site(cpu))}`);
    this.#accesses[cpu.index]?.take();
  }

  after(cpu: Cpu): void {
    const before = this.#before[cpu.index] as Before;
    const { words } = cpu;
    const moved = before.mode !== cpu.s[S.M];
    for (let n = 0; n < REGISTERS; n++) {
      // Another mode has other ones: nothing was written.
      if (before.words[n] !== words[n] && !(moved && n >= BANKED)) this.#register(before, NAMES[n] as string, words[n] as number);
    }
    for (let n = 0; n < FP_WORDS; n++) {
      const now = cpu.fp.w[n] as number;
      if (before.fp[n] !== now) this.#register(before, n < 32 ? `s${n}` : `d${n >> 1}[${n & 1}]`, now);
    }
    const status = cpsr(cpu);
    if (before.cpsr !== status) this.#register(before, 'cpsr', status);
    for (const access of this.#accesses[cpu.index]?.take() ?? []) this.#line(`${before.head} ${accessText(access)}`);
    if (moved)
      this.#line(
        `${before.head} E ${modeName(before.mode)} to ${modeName(cpu.s[S.M] as number)}, next ${word(cpu.s[S.NEXT] as number)}`,
      );
  }

  #register({ head }: Before, name: string, value: number): void {
    this.#line(`${head} R ${name} ${word(value)}`);
  }

  /** The page is fetched from, which is what the instruction's own fetch would do now. */
  #site(cpu: Cpu): Site | undefined {
    const pc = (cpu.s[S.NEXT] as number) >>> 0;
    let page: number;
    try {
      page = cpu.mem.executePage(pc);
    } catch {
      return undefined;
    }
    if (page < 0) return undefined;
    const { arena } = this.#observation.machine.map;
    const pa = this.#physical(page) + (pc & PAGE);
    const half = (at: number) => arena.read(page + ((pc & PAGE) + at), 2);
    if (cpu.s[S.T] === 0) return { pc, pa, bits: half(0) | (half(2) << 16), wide: true };
    const first = half(0);
    const wide = first >>> 11 >= 0x1d;
    if (!wide) return { pc, pa, bits: first, wide };
    if ((pc & PAGE) !== 0xffe) return { pc, pa, bits: (first << 16) | half(2), wide };
    // The second half is on another page, which may not be there.
    const delta = cpu.mem.executeDelta(pc + 2);
    return { pc, pa, bits: (first << 16) | (delta === undefined ? 0 : arena.read((pc + 2 + delta) >>> 0, 2)), wide };
  }

  #physical(page: number): number {
    const known = this.#pages.get(page);
    if (known !== undefined) return known;
    const region = this.#observation.machine.map.regions.find(
      (one) => one.kind === 'memory' && page >= one.offset && page < one.offset + one.size,
    );
    const pa = region?.kind === 'memory' ? region.base + page - region.offset : 0;
    this.#pages.set(page, pa);
    return pa;
  }

  #text(cpu: Cpu, site: Site | undefined): string {
    const mode = modeName(cpu.s[S.M] as number);
    if (site === undefined) return `IF ${word(cpu.s[S.NEXT] as number)} ${mode} : cannot be fetched from memory`;
    const { pc, pa, bits, wide } = site;
    const it = cpu.s[S.IT] as number;
    const thumb = cpu.s[S.T] !== 0;
    const op = this.#decoder.decode(thumb ? 'T32' : 'A32', bits, !wide, it !== 0);
    const condition = it === 0 ? op.cond : it >>> 4;
    const executed = condition >= 14 || conditionPassed(cpu, condition as Field) ? 'IT' : 'IS';
    const code = wide ? word(bits) : word(bits).slice(4);
    const text = disassemble(op, pc, condition);
    return `${executed} ${word(pc)}:${pa.toString(16).padStart(10, '0')} ${code} ${thumb ? 'T' : 'A'} ${mode} : ${text}`;
  }
}

function accessText({ va, pa, size, write, value }: MemoryAccess): string {
  const physical = pa === undefined ? 'aborted' : pa.toString(16).padStart(10, '0');
  return `M${write ? 'W' : 'R'}${size} ${word(va)}:${physical} ${value.toString(16).padStart(2 * size, '0')}`;
}

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
const modeName = (mode: number): string => MODES.get(mode) ?? `mode ${mode.toString(16)}`;
