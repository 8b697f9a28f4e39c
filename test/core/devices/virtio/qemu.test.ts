import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../core/bus/clock.ts';
import { IrqLine } from '../../../../core/bus/irq-line.ts';
import { VirtioEntropy } from '../../../../core/devices/virtio/entropy.ts';
import { VIRTIO_MMIO } from '../../../../core/devices/virtio/registers.ts';
import { VirtioMmio } from '../../../../core/devices/virtio/transport.ts';
import { randoms } from '../../../support/device-contract.ts';
import { have } from '../../../support/oracles.ts';
import { compareWithQemu, randomSteps, type Step } from '../../../support/register-oracle.ts';
import { TestMemory } from '../../../support/virtio-rings.ts';

/** The slot that QEMU's virt board gives its first virtio device. */
const BASE = 0x0a00_3e00;
const INTID = 32 + 16 + 31;

const device = (legacy: boolean) => {
  const irq = new IrqLine(() => {});
  return { irq, transport: new VirtioMmio({ irq, dma: new TestMemory() }, new VirtualClock(), new VirtioEntropy(), { legacy }) };
};

describe.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('a virtio-mmio device', () => {
  it.each([false, true])('has the registers that QEMU has (legacy: %s)', (legacy) => {
    const { irq, transport } = device(legacy);
    const random = randoms(11);
    const statuses = [0, 1, 3, 0xb, 0xf, 7, 3, 0x83];
    const steps = randomSteps(VIRTIO_MMIO, random, 1500, (name, value) => {
      if (name === 'Config' || name === 'QueueNotify') return undefined;
      if (name === 'Status') return statuses[value % statuses.length];
      if (name === 'QueueNum') return [0, 1, 2, 4, 64, 1024][value % 6];
      if (name === 'QueueSel') return 0; // QEMU keeps registers of queues that are not there
      if (name === 'GuestPageSize') return 4096; // QEMU shows a page number by the size named last
      if (name === 'QueuePFN') return value >>> 12;
      if (name === 'QueueReady') return value % 2;
      if (/^Queue(Desc|Driver|Device)$/.test(name)) return value >>> 14; // both halves: below 2^52
      if (name.endsWith('Sel')) return value % 2;
      return value;
    });
    const found = compareWithQemu(
      {
        machine: 'virt',
        base: BASE,
        options: ['-global', `virtio-mmio.force-legacy=${legacy}`, '-device', 'virtio-rng-device,packed=on,queue_reset=off'],
        deviations: legacy
          ? [{ register: 'DeviceFeatures', bits: 1 << 24, why: 'no NOTIFY_ON_EMPTY, which drivers do not use' }]
          : [{ register: 'SHMBase', why: 'all ones, as the specification says from 1.2 on' }],
        interrupts: [{ intid: INTID, level: () => irq.level }],
      },
      transport,
      steps as Step[],
    );
    expect(found).toBeGreaterThan(1500);
  });
});
