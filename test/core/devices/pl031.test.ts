import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { Pl031 } from '../../../core/devices/pl031.ts';
import { deviceContract, randoms } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { compareWithQemu, randomSteps } from '../../support/register-oracle.ts';

const SECOND = 1e9;
const START = 1_767_225_600; // 2026-01-01

function pl031() {
  const clock = new VirtualClock();
  const irq = new IrqLine(() => {});
  return { clock, irq, rtc: new Pl031({ irq }, clock, START) };
}

describe('PL031', () => {
  describe('as a device', () => {
    deviceContract((clock) => new Pl031({ irq: new IrqLine(() => {}) }, clock, START));
  });

  it('counts virtual seconds from the start date', () => {
    const { clock, rtc } = pl031();
    expect(rtc.read('DR')).toBe(START);
    clock.advance(1.5 * SECOND);
    expect(rtc.read('DR')).toBe(START + 1);
  });

  it('goes on from what LR is written with', () => {
    const { clock, rtc } = pl031();
    clock.advance(10 * SECOND);
    rtc.write('LR', 0xffffffff);
    expect(rtc.read('DR')).toBe(0xffffffff);
    clock.advance(11 * SECOND);
    expect(rtc.read('DR')).toBe(0);
  });

  it('interrupts when the counter arrives at MR, and not before', () => {
    const { clock, irq, rtc } = pl031();
    rtc.write('IMSC', 1);
    rtc.write('MR', START + 3);
    clock.advance(3 * SECOND - 1);
    expect(irq.level).toBe(false);
    clock.advance(3 * SECOND);
    expect([irq.level, rtc.read('RIS'), rtc.read('MIS')]).toEqual([true, 1, 1]);
    rtc.write('ICR', 1);
    expect(irq.level).toBe(false);
  });

  it('moves the match when the date is set', () => {
    const { clock, rtc } = pl031();
    rtc.write('MR', START + 100);
    rtc.write('LR', START + 99);
    clock.advance(SECOND);
    expect(rtc.read('RIS')).toBe(1);
    expect(rtc.read('MIS')).toBe(0);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers random accesses as QEMU does', () => {
    const { irq, rtc } = pl031();
    const steps = randomSteps(rtc.registers, randoms(31), 3000, (name, value) => {
      if (name === 'DR') return undefined; // the date
      if (name === 'MR' || name === 'LR') return (value & 0xff00_0000) >>> 0; // far from a match by the passing of time
      return name === 'ICR' ? 1 : value & 1; // QEMU clears on any value
    });
    const board = { machine: 'virt', base: 0x0901_0000, interrupts: [{ intid: 34, level: () => irq.level }] } as const;
    expect(compareWithQemu(board, rtc, steps)).toBeGreaterThan(3000);
  });
});
