/**
 * A GICv2 with Virtualization Extensions, as GIC-400 and the Cortex-A15 MPCore have it. Reference: IHI 0048B.
 * Its four register blocks are devices of their own, which the machine places where the board has them.
 */
import type { State, Stateful } from '../../base/state.ts';
import { IrqLine } from '../../bus/irq-line.ts';
import { CoreBank } from './core-bank.ts';
import { CpuInterface } from './cpu-interface.ts';
import { Distributor } from './distributor.ts';
import { Interrupts } from './interrupts.ts';
import { ListRegisters } from './list-registers.ts';
import { MAINTENANCE } from './registers.ts';
import { VirtualControl, VirtualCpu } from './virtual-interface.ts';

export interface GicOptions {
  /** One to eight. */
  readonly cores: number;
  /** Interrupt IDs, the 32 private ones included: a multiple of 32 up to 992, or 1020. */
  readonly interrupts: number;
  readonly securityExtensions: boolean;
  /** Implemented bits of a priority, 4 to 8; default 5, as GIC-400 and Cortex-A15. */
  readonly priorityBits?: number;
}

/** The signals to one core. */
export interface GicOutputs {
  readonly irq: IrqLine;
  readonly fiq: IrqLine;
  readonly virq: IrqLine;
  readonly vfiq: IrqLine;
}

export class Gic implements Stateful {
  readonly distributor: Distributor;
  readonly cpuInterface: CpuInterface;
  /** GICH of the asking core. */
  readonly virtualControl: VirtualControl;
  /** GICV of the asking core. */
  readonly virtualCpu: VirtualCpu;
  readonly #interrupts: Interrupts;
  readonly #banks: readonly CoreBank[];
  readonly #lists: readonly ListRegisters[];
  readonly #lines = new Map<number, IrqLine>();
  /** Told of inputs that rise: of which core, for a private one, and with which ID. */
  raised: ((core: number, id: number) => void) | undefined;
  readonly #securityExtensions: boolean;

  constructor(options: GicOptions, outputs: readonly GicOutputs[]) {
    const { cores, securityExtensions, priorityBits = 5 } = options;
    this.#securityExtensions = securityExtensions;
    const priorityMask = (0xff << (8 - priorityBits)) & 0xff;
    const changed = (concerned: number) => this.#update(concerned);
    this.#interrupts = new Interrupts(cores, options.interrupts);
    this.distributor = new Distributor(this.#interrupts, { securityExtensions, priorityMask, changed });
    const ports = outputs.slice(0, cores);
    const groups = () => this.distributor.groups;
    this.#banks = ports.map(
      (signals, core) => new CoreBank(core, Math.max(0, 7 - priorityBits), this.#interrupts, groups, signals),
    );
    this.cpuInterface = new CpuInterface(this.#interrupts, this.#banks, { securityExtensions, priorityMask, changed });
    this.#lists = ports.map((signals, core) => this.#listRegisters(signals, core));
    this.virtualControl = new VirtualControl(this.#lists);
    this.virtualCpu = new VirtualCpu(this.#lists);
  }

  /** The input of the shared interrupt with ID 32 + n. */
  spi(n: number): IrqLine {
    return this.#line(0, 32 + n);
  }

  /** The input of a core's private interrupt, by its ID, 16 to 31. */
  ppi(core: number, id: number): IrqLine {
    return this.#line(core, id);
  }

  /** GICH of one core, whichever core asks. */
  virtualControlOf(core: number): VirtualControl {
    return new VirtualControl(this.#lists, core);
  }

  save(): State {
    return {
      interrupts: this.#interrupts.save(),
      distributor: this.distributor.save(),
      cpuInterface: this.cpuInterface.save(),
      virtualControl: this.virtualControl.save(),
    };
  }

  load(state: State): void {
    this.#interrupts.load(state['interrupts'] as State);
    this.distributor.load(state['distributor'] as State);
    this.cpuInterface.load(state['cpuInterface'] as State);
    this.virtualControl.load(state['virtualControl'] as State);
    this.#followLines();
  }

  /** Everything but the levels of the inputs, which are their devices'. */
  reset(): void {
    this.#interrupts.reset();
    this.distributor.reset();
    this.cpuInterface.reset();
    this.virtualControl.reset();
    this.#followLines();
  }

  #listRegisters(signals: GicOutputs, core: number): ListRegisters {
    return new ListRegisters({
      irq: signals.virq,
      fiq: signals.vfiq,
      maintenance: (level) => this.ppi(core, MAINTENANCE).set(level),
      deactivate: (id) => {
        // As a Non-secure write to GICC_DIR: Group 0 is out of reach. SGIs have no physical side to deactivate (IHI 0048B §5.3.8).
        if (id < 16 || id >= this.#interrupts.count) return;
        if (this.#securityExtensions && this.#interrupts.groupOf(core, id) === 0) return;
        this.#interrupts.deactivate(core, id);
        this.#update(this.#interrupts.concerned(core, id));
      },
    });
  }

  #line(core: number, id: number): IrqLine {
    const key = core * 1024 + id;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = new IrqLine((level) => {
      if (level) this.raised?.(core, id);
      this.#interrupts.setLine(core, id, level);
      this.#update(this.#interrupts.concerned(core, id));
    });
    line.set(this.#interrupts.lineOf(core, id));
    this.#lines.set(key, line);
    return line;
  }

  /** The inputs take the levels that the state has, without an edge; then all outputs follow. */
  #followLines(): void {
    for (const [key, line] of this.#lines) line.set(this.#interrupts.lineOf(key >>> 10, key & 0x3ff));
    for (const list of this.#lists) list.update();
    this.#update(-1);
  }

  #update(cores: number): void {
    for (const bank of this.#banks) if (((cores >>> bank.core) & 1) !== 0) bank.update();
  }
}
