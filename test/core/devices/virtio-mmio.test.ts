import { describe, expect, it } from 'vitest';
import { EmptySlot } from '../../../core/devices/virtio-mmio.ts';
import { deviceContract, randoms } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { compareWithQemu, randomSteps } from '../../support/register-oracle.ts';

describe('an empty virtio-mmio slot', () => {
  deviceContract(() => new EmptySlot());

  it('has device 0 at the version asked for', () => {
    expect([new EmptySlot(1).read('Version'), new EmptySlot(2).read('Version')]).toEqual([1, 2]);
    expect(new EmptySlot().read('DeviceID')).toBe(0);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers every word as QEMU does, on both boards', () => {
    const slot = new EmptySlot();
    const everywhere = { ...slot.registers, rest: { at: 0x10, access: 'rw', count: 0x7c } } as const;
    const steps = randomSteps(everywhere, randoms(1), 1000);
    for (const [machine, base] of [
      ['virt', 0x0a00_0000],
      ['vexpress-a15', 0x1c13_0000],
    ] as const) {
      expect(compareWithQemu({ machine, base }, slot, steps)).toBe(1000);
    }
  });
});
