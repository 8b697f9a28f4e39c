import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { Sp805 } from '../../../core/devices/sp805.ts';
import { deviceContract } from '../../support/device-contract.ts';

const MS = 1_000_000;
const UNLOCK = 0x1acce551;

function sp805() {
  const clock = new VirtualClock();
  const irq = new IrqLine(() => {});
  const seen = { resets: 0 };
  const reset = () => {
    seen.resets++;
  };
  return { clock, irq, seen, dog: new Sp805({ irq, reset }, clock, 1000) };
}

describe('SP805', () => {
  describe('as a device', () => {
    deviceContract((clock) => new Sp805({ irq: new IrqLine(() => {}), reset: () => {} }, clock));
  });

  it('interrupts at the first arrival at zero and resets the board at the second', () => {
    const { clock, irq, seen, dog } = sp805();
    dog.write('Load', 10);
    dog.write('Control', 3);
    clock.advance(4 * MS);
    expect(dog.read('Value')).toBe(6);
    clock.advance(10 * MS);
    expect([irq.level, seen.resets, dog.read('Value')]).toEqual([true, 0, 10]);
    clock.advance(20 * MS);
    expect([seen.resets, dog.read('Value')]).toEqual([1, 0]);
    clock.advance(100 * MS);
    expect(seen.resets).toBe(1);
  });

  it('is kept calm by IntClr, which reloads', () => {
    const { clock, irq, seen, dog } = sp805();
    dog.write('Load', 10);
    dog.write('Control', 3);
    for (let time = 8; time < 200; time += 8) {
      clock.advance(time * MS);
      dog.write('IntClr', 1);
    }
    expect([irq.level, seen.resets]).toEqual([false, 0]);
  });

  it('never resets without RESEN, and does not count without INTEN', () => {
    const { clock, seen, dog } = sp805();
    dog.write('Load', 10);
    dog.write('Control', 1);
    clock.advance(100 * MS);
    expect([seen.resets, dog.read('RIS')]).toEqual([0, 1]);
    dog.write('Control', 2);
    const halted = dog.read('Value');
    clock.advance(500 * MS);
    expect([dog.read('Value'), seen.resets, dog.read('MIS')]).toEqual([halted, 0, 0]);
  });

  it('ignores writes while locked', () => {
    const { dog } = sp805();
    dog.write('Lock', 1);
    expect(dog.read('Lock')).toBe(1);
    dog.write('Load', 5);
    expect(dog.read('Load')).toBe(0xffffffff);
    dog.write('Lock', UNLOCK);
    dog.write('Load', 5);
    expect([dog.read('Lock'), dog.read('Load')]).toEqual([0, 5]);
  });
});
