import { describe, expect, it } from 'vitest';
import { VirtioConsole } from '../../../../core/devices/virtio/console.ts';
import { Bench, type RingOptions, WAYS } from '../../../support/virtio-driver.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function bench(options: RingOptions = {}) {
  const seen = { shown: '', typed: [] as number[] };
  const device = new VirtioConsole({
    rx: { next: () => seen.typed.shift() },
    tx: (byte) => {
      seen.shown += String.fromCharCode(byte);
    },
  });
  const made = new Bench(device, options).start();
  const type = (text: string) => {
    seen.typed.push(...ascii(text));
    device.poll();
  };
  return { made, seen, type };
}

describe('virtio-console', () => {
  it.each(WAYS)('shows and takes text over a %s', (_name, options) => {
    const { made, seen, type } = bench(options);
    const wanted = Array.from({ length: 60 }, (_, i) => `line ${i}\n`).join('');
    for (let i = 0; i < 60; i++) made.request(1, [made.readable(ascii(`line ${i}\n`))]);
    expect(seen.shown).toBe(wanted);
    let got = '';
    for (let i = 0; i < 60; i++) {
      const buffer = made.writable(16);
      made.add(0, [buffer]);
      made.kick(0);
      expect(made.wait(0)).toEqual([]);
      type(`word${i}`);
      const [used] = made.wait(0);
      got += String.fromCharCode(...made.bytes(buffer).slice(0, used?.length));
    }
    expect(got).toBe(Array.from({ length: 60 }, (_, i) => `word${i}`).join(''));
  });

  it('keeps what is typed until there is a buffer', () => {
    const { made, seen, type } = bench();
    type('early');
    expect(made.wait(0)).toEqual([]);
    expect(seen.typed).toHaveLength(5);
    const [first, second] = [made.writable(3), made.writable(3)];
    made.add(0, [first]);
    made.add(0, [second]);
    made.kick(0);
    expect(made.wait(0).map(({ length }) => length)).toEqual([3, 2]);
    expect(String.fromCharCode(...made.bytes(first), ...made.bytes(second).slice(0, 2))).toBe('early');
  });

  it('tells the size of the terminal, and when it changes (section 5.3.5)', () => {
    const { made } = bench();
    const generation = made.get('ConfigGeneration');
    made.device.resize(132, 43);
    expect(made.get('InterruptStatus')).toBe(2);
    expect(made.irq).toBe(true);
    expect([made.config(0, 2), made.config(2, 2), made.config(4, 4)]).toEqual([132, 43, 1]);
    expect(made.get('ConfigGeneration')).not.toBe(generation);
    made.set('InterruptACK', 2);
    expect(made.irq).toBe(false);
    made.device.resize(132, 43);
    expect(made.irq).toBe(false);
  });

  it('shows emergency output whatever state it is in', () => {
    const { made, seen } = bench();
    made.set('Status', 0);
    made.set('Config', 0x21, 8, 4);
    expect(seen.shown).toBe('!');
  });

  it('takes nothing from a driver that has not said DRIVER_OK', () => {
    const { made, seen } = bench();
    made.set('Status', 0);
    made.set('QueueNotify', 1);
    made.wait(1);
    expect(seen.shown).toBe('');
  });
});
