import { describe, expect, it } from 'vitest';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { NOBODY } from '../../../core/bus/registers.ts';
import { DeviceWindow } from '../../../core/bus/window.ts';
import { Pl061 } from '../../../core/devices/pl061.ts';
import { deviceContract, randoms } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { compareWithQemu, randomSteps } from '../../support/register-oracle.ts';

function pl061() {
  const irq = new IrqLine(() => {});
  const outputs: number[] = [];
  const gpio = new Pl061({ irq, output: (levels) => outputs.push(levels) });
  const window = new DeviceWindow('gpio', gpio);
  return {
    irq,
    outputs,
    gpio,
    set: (at: number, value: number) => window.write(at, 4, value, NOBODY),
    get: (at: number) => window.read(at, 4, NOBODY),
  };
}

const [DIR, IS, IBE, IEV, IE, RIS, IC] = [0x400, 0x404, 0x408, 0x40c, 0x410, 0x414, 0x41c] as const;

describe('PL061', () => {
  describe('as a device', () => {
    deviceContract(() => new Pl061({ irq: new IrqLine(() => {}) }));
  });

  it('touches only the lines that the address names, and only outputs', () => {
    const { get, set, outputs } = pl061();
    set(DIR, 0xf0);
    set(0x3fc, 0xff);
    expect(get(0x3fc)).toBe(0xf0);
    set(0x20 << 2, 0x00);
    expect(get(0x3fc)).toBe(0xd0);
    expect(get(0x40 << 2)).toBe(0x40);
    expect(outputs).toEqual([0xf0, 0xd0]);
  });

  it('shows an input line, and forgets what was written to it', () => {
    const { get, set, gpio } = pl061();
    set(0x3fc, 0xff);
    gpio.input(3, true);
    expect(get(0x3fc)).toBe(8);
    set(DIR, 0xff);
    expect(get(0x3fc)).toBe(0);
  });

  it.each([
    ['rising', { [IEV]: 8 }, [true, false]],
    ['falling', { [IEV]: 0 }, [false, true]],
    ['both', { [IBE]: 8 }, [true, true]],
  ] as const)('latches %s edges until IC', (_, registers, [atRise, atFall]) => {
    const { set, get, gpio, irq } = pl061();
    set(IE, 8);
    for (const [at, value] of Object.entries(registers)) set(Number(at), value as number);
    gpio.input(3, true);
    expect(irq.level).toBe(atRise);
    set(IC, 8);
    expect(irq.level).toBe(false);
    gpio.input(3, false);
    expect([irq.level, get(RIS)]).toEqual([atFall, atFall ? 8 : 0]);
  });

  it('follows a level-sensitive line, which IC cannot clear', () => {
    const { set, gpio, irq } = pl061();
    set(IS, 8);
    set(IEV, 8);
    set(IE, 8);
    gpio.input(3, true);
    set(IC, 8);
    expect(irq.level).toBe(true);
    gpio.input(3, false);
    expect(irq.level).toBe(false);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers random accesses as QEMU does', () => {
    const { gpio, irq } = pl061();
    let outputs = 0;
    const steps = randomSteps(gpio.registers, randoms(61), 6000, (name, value) => {
      if (name === 'DIR') {
        outputs |= value & 0xff;
        return outputs; // in QEMU a former output stays as the level of the input, so none becomes one
      }
      return name === 'IS' ? 0 : value & 0xff; // QEMU latches level interrupts too; the manual lets them follow the line
    });
    const board = { machine: 'virt', base: 0x0903_0000, interrupts: [{ intid: 39, level: () => irq.level }] } as const;
    expect(compareWithQemu(board, gpio, steps)).toBeGreaterThan(6000);
  });
});
