/** A GIC on a bus of its own, at the addresses of QEMU's virt machine, with the signals it drives. */
import type { IrqLine } from '../../core/bus/irq-line.ts';
import { IrqLine as Line } from '../../core/bus/irq-line.ts';
import { DeviceWindow, type Width, type Window } from '../../core/bus/window.ts';
import { Gic, type GicOptions, type GicOutputs } from '../../core/devices/gic/gic.ts';

export const GICD = 0x0800_0000;
export const GICC = 0x0801_0000;
export const GICH = 0x0803_0000;
export const GICV = 0x0804_0000;

type Signal = 'irq' | 'fiq' | 'virq' | 'vfiq';

export class GicBench {
  readonly gic: Gic;
  readonly cores: readonly GicOutputs[];
  readonly #windows: ReadonlyMap<number, Window>;

  constructor(options: Partial<GicOptions> = {}) {
    const line = (): IrqLine => new Line(() => {});
    const { cores = 1, interrupts = 96, securityExtensions = false, ...rest } = options;
    this.cores = Array.from({ length: cores }, () => ({ irq: line(), fiq: line(), virq: line(), vfiq: line() }));
    this.gic = new Gic({ cores, interrupts, securityExtensions, ...rest }, this.cores);
    this.#windows = new Map<number, Window>([
      [GICD, new DeviceWindow('GICD', this.gic.distributor)],
      [GICC, new DeviceWindow('GICC', this.gic.cpuInterface)],
      [GICH, new DeviceWindow('GICH', this.gic.virtualControl)],
      [GICV, new DeviceWindow('GICV', this.gic.virtualCpu)],
    ]);
  }

  read(address: number, core = 0, secure = true, width: Width = 4): number {
    const { window, offset } = this.#find(address);
    return window.read(offset, width, { core, secure });
  }

  write(address: number, value: number, core = 0, secure = true, width: Width = 4): void {
    const { window, offset } = this.#find(address);
    window.write(offset, width, value, { core, secure });
  }

  signals(core = 0): readonly Signal[] {
    return (['irq', 'fiq', 'virq', 'vfiq'] as const).filter((signal) => this.cores[core]![signal].level);
  }

  #find(address: number): { window: Window; offset: number } {
    const base = address >= GICV ? GICV : address >= GICH ? GICH : address >= GICC ? GICC : GICD;
    return { window: this.#windows.get(base)!, offset: address - base };
  }
}
