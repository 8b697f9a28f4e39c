/** Snapshots of the whole demo, processors, devices, hypervisor and consoles: taken anywhere, they go on elsewhere as if nothing had happened. */
import { describe, expect, it } from 'vitest';
import type { State } from '../../core/base/state.ts';
import { bundled } from '../support/bundled.ts';

const { startDemo, startFile, consoleOf } = await bundled<typeof import('../support/demo.ts')>('test/support/demo.ts');

const MS = 1_000_000;
const NAMES = ['control', 'telemetry', 'rogue'];
type System = ReturnType<typeof startDemo>;

const outcome = (system: System) => ({
  hash: system.machine.stateHash(),
  consoles: NAMES.map((name) => consoleOf(system, name)),
  reports: system.hypervisor.report(),
});

/** The demo at a time, reached in one go. */
function runTo(time: number): System {
  const system = startFile('demo.dts');
  system.machine.run(time);
  return system;
}

describe('a snapshot of the demo', () => {
  const END = 90 * MS;
  const end = outcome(runTo(END));

  // Amid rogue's attacks on stage 2, its sweeps, its hypercalls, at the turn of a slice, and when it is gone.
  it.each([700_001, 3_333_333, 20 * MS, 65_432_101])('taken at %i ns ends in the state of one run', (time) => {
    const system = runTo(time);
    const saved = structuredClone(system.machine.save()) as State;
    const elsewhere = startFile('demo.dts');
    elsewhere.machine.load(saved);
    expect(outcome(elsewhere)).toEqual(outcome(system));
    expect(elsewhere.machine.save()).toEqual(system.machine.save());
    elsewhere.machine.run(END);
    expect(outcome(elsewhere)).toEqual(end);
  });

  it('taken at one second and continued to two is the state of a run of two seconds', () => {
    const saved = structuredClone(runTo(1000 * MS).machine.save()) as State;
    const elsewhere = startFile('demo.dts');
    elsewhere.machine.load(saved);
    elsewhere.machine.run(2000 * MS);
    expect(outcome(elsewhere)).toEqual(outcome(runTo(2000 * MS)));
  });

  it('keeps what is typed and not yet read, and that a run has ended', () => {
    const system = startDemo({ third: 'nothing' });
    system.machine.run(MS);
    system.machine.consoles.get('control')?.type([104, 105]);
    system.machine.end({ kind: 'exit', code: 7 });
    const elsewhere = startDemo({ third: 'nothing' });
    elsewhere.machine.load(structuredClone(system.machine.save()) as State);
    expect(elsewhere.machine.ending).toEqual({ kind: 'exit', code: 7 });
    expect(elsewhere.machine.run(2 * MS)).toBe('ended');
    const input = elsewhere.machine.consoles.get('control');
    expect([input?.next(), input?.next(), input?.next()]).toEqual([104, 105, undefined]);
  });
});

describe('a run of the demo in pieces', () => {
  const END = 15 * MS;
  const end = outcome(runTo(END));

  it.each([77_777, 250_001, 1_999_999])('of %i ns ends in the state of one run', (piece) => {
    const system = startFile('demo.dts');
    for (let time = piece; time < END; time += piece) system.machine.run(time);
    system.machine.run(END);
    expect(outcome(system)).toEqual(end);
  });
});

describe('the state hash', () => {
  const system = runTo(5 * MS);
  const { machine } = system;
  const hash = machine.stateHash();
  const saved = machine.save();
  const ram = system.hypervisor.config.partitions[0]?.regions[0]?.pa ?? 0;
  const table = system.hypervisor.config.heap.base;

  it.each([
    ['the first byte of a guest', ram],
    ['the last byte of a guest', ram + 0xfffff],
    ['a byte of the stage-2 tables', table + 0x1007],
    ['the last byte of the board', 0xbfffffff],
  ])('changes with %s', (_, address) => {
    const [byte] = machine.map.dump(address, 1) as Uint8Array;
    machine.map.load(address, Uint8Array.of((byte as number) ^ 0x80));
    expect(machine.stateHash()).not.toBe(hash);
    machine.map.load(address, Uint8Array.of(byte as number));
    expect(machine.stateHash()).toBe(hash);
  });

  const cpu = machine.cpus[1];
  it.each([
    ...Array.from({ length: 15 }, (_, i) => [`R${i}`, cpu?.words, i] as const),
    ...Array.from({ length: 33 }, (_, i) => [`banked register ${i}`, cpu?.banked, i] as const),
    ...[0, 3, 17, 42, 100].map((i) => [`system register ${i}`, cpu?.system, i] as const),
    ...[0, 31, 63].map((i) => [`word ${i} of the floating-point registers`, cpu?.fp.w, i] as const),
  ])('changes with %s', (_, words, i) => {
    const registers = words as Int32Array;
    registers[i] = (registers[i] as number) ^ 1;
    expect(machine.stateHash()).not.toBe(hash);
    registers[i] = (registers[i] as number) ^ 1;
    expect(machine.stateHash()).toBe(hash);
  });

  it.each([
    ['a UART', 0x1c090030],
    ['a timer', 0x1c110000],
    ['the watchdog', 0x1c0f0000],
    ['the real-time clock', 0x1c170004],
    ['the system registers', 0x1c010008],
    ['the distributor', 0x2c001420],
  ])('changes with a register of %s', (_, address) => {
    const from = { core: 0, secure: true };
    const value = machine.map.read(address, 4, from) as number;
    machine.map.write(address, 4, (value ^ 0x80) >>> 0, from);
    expect(machine.stateHash()).not.toBe(hash);
    machine.load(saved);
    expect(machine.stateHash()).toBe(hash);
  });
});
