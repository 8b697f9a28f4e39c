/**
 * PL061 general purpose input/output, eight lines. Reference: Arm DDI 0190 (PrimeCell GPIO PL061).
 * A data access names the lines it touches by address bits 9 to 2. Lines under hardware control (AFSEL) keep the software's value here,
 * since no board of ours drives them otherwise.
 */
import type { State } from '../base/state.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';

export const PL061 = registerMap({
  DATA: { at: 0x000, access: 'rw', mask: 0xff, count: 256, reset: 0 },
  DIR: { at: 0x400, access: 'rw', mask: 0xff, reset: 0 },
  IS: { at: 0x404, access: 'rw', mask: 0xff, reset: 0 },
  IBE: { at: 0x408, access: 'rw', mask: 0xff, reset: 0 },
  IEV: { at: 0x40c, access: 'rw', mask: 0xff, reset: 0 },
  IE: { at: 0x410, access: 'rw', mask: 0xff, reset: 0 },
  RIS: { at: 0x414, access: 'ro', mask: 0xff, reset: 0 },
  MIS: { at: 0x418, access: 'ro', mask: 0xff, reset: 0 },
  IC: { at: 0x41c, access: 'wo', mask: 0xff },
  AFSEL: { at: 0x420, access: 'rw', mask: 0xff, reset: 0 },
  PeriphIDHigh: { at: 0xfd0, access: 'ro', mask: 0xff, count: 4, reset: 0 },
  PeriphID: { at: 0xfe0, access: 'ro', mask: 0xff, count: 4, reset: 0x61 },
  PCellID: { at: 0xff0, access: 'ro', mask: 0xff, count: 4, reset: 0x0d },
});

export interface Pl061Ports {
  /** GPIOINTR, the combined interrupt. */
  readonly irq: IrqLine;
  /** The levels of the lines that are outputs, told when one changes; the others as zero. */
  output?(levels: number): void;
}

/** `data` is what software last wrote, `edges` the edges seen; `input` are the levels that the outside drives. */
const RESET = { data: 0, input: 0, edges: 0, DIR: 0, IS: 0, IBE: 0, IEV: 0, IE: 0, AFSEL: 0 };

export class Pl061 implements Device<typeof PL061> {
  readonly registers = PL061;
  readonly #ports: Pl061Ports;
  #r = { ...RESET };

  constructor(ports: Pl061Ports) {
    this.#ports = ports;
  }

  read(register: Readable<typeof PL061>, index = 0): number {
    switch (register) {
      case 'DATA':
        return this.#levels() & index;
      case 'RIS':
        return this.#raw();
      case 'MIS':
        return this.#raw() & this.#r.IE;
      case 'PeriphIDHigh':
        return 0;
      case 'PeriphID':
        return (0x00041061 >>> (8 * index)) & 0xff;
      case 'PCellID':
        return (0xb105f00d >>> (8 * index)) & 0xff;
      default:
        return this.#r[register];
    }
  }

  write(register: Writable<typeof PL061>, value: number, index: number): void {
    const before = this.#levels();
    const outputs = this.#r.data & this.#r.DIR;
    if (register === 'DATA') {
      const touched = index & this.#r.DIR; // a write reaches only outputs
      this.#r.data = (this.#r.data & ~touched) | (value & touched);
    } else if (register === 'IC') this.#r.edges &= ~value;
    else this.#r[register] = value;
    if (register === 'IS') this.#r.edges &= ~value;
    this.#settle(before);
    if ((this.#r.data & this.#r.DIR) !== outputs) this.#ports.output?.(this.#r.data & this.#r.DIR);
  }

  /** Drives input line `line` (0 to 7) from outside. */
  input(line: number, level: boolean): void {
    const before = this.#levels();
    this.#r.input = (this.#r.input & ~(1 << line)) | ((level ? 1 : 0) << line);
    this.#settle(before);
  }

  save(): State {
    return { ...this.#r };
  }

  load(state: State): void {
    this.#r = { ...(state as typeof RESET) };
    this.#driveIrq();
  }

  /** What the outside drives stays as it is. */
  reset(): void {
    this.load({ ...RESET, input: this.#r.input });
  }

  #levels(): number {
    return (this.#r.data & this.#r.DIR) | (this.#r.input & ~this.#r.DIR);
  }

  /** Detects edges on the input lines that IS has as edge sensitive: both if IBE says so, else the one that IEV names. */
  #settle(before: number): void {
    const now = this.#levels();
    const { DIR, IS, IBE, IEV } = this.#r;
    const changed = (before ^ now) & ~DIR & ~IS & 0xff;
    this.#r.edges |= changed & (IBE | ~(now ^ IEV));
    this.#driveIrq();
  }

  #raw(): number {
    const { edges, IS, IEV } = this.#r;
    return (edges | (IS & ~(this.#levels() ^ IEV))) & 0xff;
  }

  #driveIrq(): void {
    this.#ports.irq.set((this.#raw() & this.#r.IE) !== 0);
  }
}
