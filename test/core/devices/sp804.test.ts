import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { Sp804 } from '../../../core/devices/sp804.ts';
import { deviceContract, randoms } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { compareWithQemu, randomSteps } from '../../support/register-oracle.ts';

const US = 1000;
const [ENABLE, PERIODIC, INTERRUPT, DIV16, WIDE, ONE_SHOT] = [0x80, 0x40, 0x20, 0x04, 0x02, 0x01] as const;

function sp804() {
  const clock = new VirtualClock();
  const irq = new IrqLine(() => {});
  return { clock, irq, timer: new Sp804({ irq }, clock, [1_000_000, 2_000_000]) };
}

describe('SP804', () => {
  describe('as a device', () => {
    deviceContract((clock) => new Sp804({ irq: new IrqLine(() => {}) }, clock));
  });

  it('periodic: reloads at zero, interrupting each Load ticks', () => {
    const { clock, irq, timer } = sp804();
    timer.write('Load', 100);
    timer.write('Control', ENABLE | PERIODIC | INTERRUPT | WIDE);
    clock.advance(30 * US);
    expect(timer.read('Value')).toBe(70);
    clock.advance(100 * US - 1);
    expect(irq.level).toBe(false);
    clock.advance(100 * US);
    expect([irq.level, timer.read('Value'), timer.read('MIS')]).toEqual([true, 100, 1]);
    clock.advance(250 * US);
    expect(timer.read('Value')).toBe(50);
    timer.write('IntClr', 1);
    expect(irq.level).toBe(false);
    clock.advance(300 * US);
    expect(irq.level).toBe(true);
  });

  it('one-shot: stops at zero until Load is written', () => {
    const { clock, irq, timer } = sp804();
    timer.write('Load', 10);
    timer.write('Control', ENABLE | ONE_SHOT | INTERRUPT | WIDE);
    clock.advance(50 * US);
    expect([timer.read('Value'), irq.level]).toEqual([0, true]);
    timer.write('IntClr', 1);
    clock.advance(500 * US);
    expect(irq.level).toBe(false);
    timer.write('Load', 5);
    clock.advance(505 * US);
    expect(irq.level).toBe(true);
  });

  it.each([
    [0, 0xffff],
    [WIDE, 0xffffffff],
  ])('free running: wraps to the maximum of its size (%i)', (size, maximum) => {
    const { clock, timer } = sp804();
    timer.write('Load', 3);
    timer.write('Control', ENABLE | size);
    clock.advance(3 * US);
    expect([timer.read('Value'), timer.read('RIS'), timer.read('MIS')]).toEqual([0, 1, 0]);
    clock.advance(4 * US);
    expect(timer.read('Value')).toBe(maximum);
  });

  it('divides by the prescaler, each counter by its own rate', () => {
    const { clock, timer } = sp804();
    for (const index of [0, 1]) {
      timer.write('Load', 1000, index);
      timer.write('Control', ENABLE | DIV16 | WIDE, index);
    }
    clock.advance(160 * US);
    expect([timer.read('Value', 0), timer.read('Value', 1)]).toEqual([990, 980]);
  });

  it('keeps the phase of the prescaler when an interrupt is cleared', () => {
    const { clock, timer } = sp804();
    timer.write('Load', 1000);
    timer.write('Control', ENABLE | DIV16 | WIDE);
    clock.advance(24 * US);
    timer.write('IntClr', 1);
    clock.advance(32 * US);
    expect(timer.read('Value')).toBe(998);
  });

  it('takes BGLoad at the next reload', () => {
    const { clock, timer } = sp804();
    timer.write('Load', 10);
    timer.write('Control', ENABLE | PERIODIC | WIDE);
    timer.write('BGLoad', 1000);
    expect([timer.read('Value'), timer.read('Load')]).toEqual([10, 1000]);
    clock.advance(15 * US);
    expect(timer.read('Value')).toBe(995);
  });

  it('holds its value while disabled', () => {
    const { clock, timer } = sp804();
    timer.write('Load', 100);
    timer.write('Control', ENABLE | WIDE);
    clock.advance(40 * US);
    timer.write('Control', WIDE);
    clock.advance(90 * US);
    expect(timer.read('Value')).toBe(60);
    timer.write('Control', ENABLE | WIDE);
    clock.advance(100 * US);
    expect(timer.read('Value')).toBe(50);
  });

  it('is not kept busy by a load of one that nobody clears', () => {
    const { clock, timer } = sp804();
    timer.write('Load', 1);
    timer.write('Control', ENABLE | PERIODIC | INTERRUPT | WIDE);
    clock.advance(US);
    expect(clock.next()).toBe(Number.POSITIVE_INFINITY);
    timer.write('IntClr', 0);
    expect(clock.next()).toBe(2 * US);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers random accesses, timers halted, as QEMU does', () => {
    const { irq, timer } = sp804();
    const steps = randomSteps(timer.registers, randoms(804), 3000, (name, value) => {
      if (name === 'Value') return undefined; // the reset value is the manual's here; QEMU starts at zero
      return name === 'Control' ? value & 0x6f : value;
    });
    const board = { machine: 'vexpress-a15', base: 0x1c11_0000, interrupts: [{ intid: 34, level: () => irq.level }] } as const;
    expect(compareWithQemu(board, timer, steps)).toBeGreaterThan(3000);
  });
});
