import { describe, expect, it } from 'vitest';
import { IrqLine } from '../../../../core/bus/irq-line.ts';
import { MsiFrame } from '../../../../core/devices/gic/msi-frame.ts';
import { deviceContract } from '../../../support/device-contract.ts';
import { have } from '../../../support/oracles.ts';
import { compareWithQemu } from '../../../support/register-oracle.ts';

const RANGE = { first: 80, count: 64 };

function frame() {
  const raised: number[] = [];
  const device = new MsiFrame(RANGE, (id) => new IrqLine((level) => void (level && raised.push(id))));
  return { device, raised };
}

describe('a frame of message-signalled interrupts', () => {
  deviceContract(() => frame().device);

  it('raises the interrupt that a message names, and no other', () => {
    const { device, raised } = frame();
    for (const id of [79, 80, 143, 144, 0x3ff, 80]) device.write('MSI_SETSPI_NS', id);
    expect(raised).toEqual([80, 143, 80]);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers reads as in QEMU', () => {
    const steps = [0x000, 0x008, 0x040, 0xfcc, 0xfd0].map((offset) => ({ name: `${offset}`, offset, width: 4 as const }));
    expect(compareWithQemu({ machine: 'virt', base: 0x0802_0000 }, frame().device, steps)).toBe(steps.length);
  });
});
