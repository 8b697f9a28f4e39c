import { beforeAll, describe, expect, it } from 'vitest';
import type { Stop } from '../../../../core/machine/debug/halt.ts';
import { bundled } from '../../../support/bundled.ts';
import { symbolsOf } from '../../../support/elf-symbols.ts';

type Demo = typeof import('../../../support/debugged-demo.ts');
const END = 4_000_000;
const [CONTROL, TELEMETRY] = [symbolsOf('guests/control/control.elf'), symbolsOf('guests/telemetry/telemetry.elf')];
const NOTIFY = CONTROL.get('hyp_channel_notify')!;
const DOORBELL = TELEMETRY.get('doorbell')! & ~1; // Thumb
/** The channel's index: at offset 24. */
const INDEX_IPA = 0x50000018;
const INDEX_PA = 0xbff00018;

let demo: Demo;
beforeAll(async () => {
  demo = await bundled<Demo>('test/support/debugged-demo.ts');
});

const wordAt = (run: InstanceType<Demo['DebuggedDemo']>, va: number): number => {
  const bytes = run.debug.memory.read(run.thread('control'), va, 4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
};

/** The HVC of hyp_channel_notify. */
function hvcOf(run: InstanceType<Demo['DebuggedDemo']>): number {
  for (let va = NOTIFY; va < NOTIFY + 64; va += 4) if (wordAt(run, va) === 0xe1400070) return va;
  throw new Error('hyp_channel_notify has no HVC');
}

const where = (stop: Stop | undefined) => stop && `${stop.thread.space.name}.${stop.thread.id} ${stop.cause.kind}`;

describe.each(['interpreter', 'jit'] as const)('a machine under a debugger (%s)', (engine) => {
  const start = (end = END) => new demo.DebuggedDemo(engine, end);

  it('that stops at breakpoints, is stepped and looked at ends in the state of an undisturbed run', () => {
    const run = start();
    const control = run.thread('control');
    expect(run.lookAtAll()).toBeGreaterThan(1000);
    run.debug.addBreakpoint(control.space, NOTIFY, 'software');
    run.debug.addBreakpoint(run.space('telemetry'), DOORBELL, 'hardware');
    const stops = new Map<string, number>();
    for (let stop = run.go(); stop !== undefined; stop = run.go()) {
      stops.set(`${where(stop)}`, (stops.get(`${where(stop)}`) ?? 0) + 1);
      expect(run.read(stop.thread, 'pc')).toBe(stop.thread === control ? NOTIFY : DOORBELL);
      run.lookAtAll();
      run.system.machine.stateHash();
      for (let i = 0; i < 12; i++) run.step(stop.thread);
    }
    expect(stops).toEqual(
      new Map([
        ['control.1 breakpoint', 3],
        ['telemetry.1 breakpoint', 3],
      ]),
    );
    run.debug.detach();
    run.system.machine.run(END);
    expect(run.system.machine.stateHash()).toBe(demo.undisturbed(engine, END));
  });

  it('steps a guest over an HVC, and a core into Hyp mode and back', () => {
    const run = start();
    const [control, core] = [run.thread('control'), run.thread('machine')];
    const HVC = hvcOf(run);
    run.debug.addBreakpoint(control.space, HVC, 'software');
    expect(where(run.go())).toBe('control.1 breakpoint');
    expect(run.read(core, 'pc')).toBe(HVC);
    const time = run.system.machine.clock.now();
    expect(where(run.step(core))).toBe('machine.1 step');
    expect(run.read(core, 'cpsr') & 31).toBe(0x1a);
    expect(run.read(core, 'pc')).toBe((run.read(core, 'HVBAR') + 0x14) >>> 0);
    expect(run.read(core, 'ELR_hyp')).toBe(HVC + 4);
    expect(run.read(core, 'HSR') >>> 26).toBe(0x12);
    // The guest is where it will go on, in its own mode, and has no registers of Hyp mode.
    expect(run.read(control, 'pc')).toBe(HVC + 4);
    expect(run.read(control, 'cpsr') & 31).not.toBe(0x1a);
    expect(run.debug.registers(control).read('HSR')).toBeUndefined();
    expect(where(run.step(core))).toBe('machine.1 step');
    expect(run.read(core, 'pc')).toBe(HVC + 4);
    expect(run.system.machine.clock.now()).toBe(time + 2);
    run.debug.removeBreakpoint(control.space, HVC, 'software');
    run.debug.addBreakpoint(control.space, HVC, 'software');
    expect(where(run.go())).toBe('control.1 breakpoint');
    expect(where(run.step(control))).toBe('control.1 step');
    expect(run.read(control, 'pc')).toBe(HVC + 4);
  });

  it('stops where a native hypervisor would have its vector', () => {
    const run = start();
    const core = run.thread('machine');
    expect(where(run.step(core))).toBe('machine.1 step');
    const vector = run.read(core, 'HVBAR') + 0x14;
    run.debug.addBreakpoint(core.space, vector, 'hardware');
    for (let i = 0; i < 3; i++) {
      expect(run.go()?.cause.kind).toBe('breakpoint');
      expect(run.read(run.debug.stop!.thread, 'pc')).toBe(vector);
    }
  });

  it.each([
    ['va', 'control', INDEX_IPA],
    ['ipa', 'control', INDEX_IPA],
    ['pa', 'machine', INDEX_PA],
  ] as const)('stops before an access that a watchpoint by %s is for, and goes on as if it never had', (by, name, address) => {
    const run = start();
    const control = run.thread('control');
    run.debug.addWatchpoint({ by, space: run.space(name), address, length: 4, access: 'write' });
    let stops = 0;
    for (let stop = run.go(); stop !== undefined; stop = run.go()) {
      expect(where(stop)).toBe('control.1 watchpoint');
      if (stops++ === 0) continue; // the ring is opened
      const pc = run.read(control, 'pc');
      expect(wordAt(run, pc) >>> 20).toBe(0xe58); // STR with an offset
      const index = () => new DataView(run.debug.memory.read(control, INDEX_IPA, 4).buffer).getUint32(0, true);
      const before = index();
      if (stops % 2 === 0) {
        run.step(control);
        expect(index()).toBe(before + 1);
        expect(run.read(control, 'pc')).toBe(pc + 4);
      }
    }
    expect(stops).toBeGreaterThan(2);
    run.debug.detach();
    expect(run.system.machine.stateHash()).toBe(demo.undisturbed(engine, END));
  });

  it('leaves a range of addresses at one go', () => {
    const run = start();
    const control = run.thread('control');
    const HVC = hvcOf(run);
    run.debug.addBreakpoint(control.space, NOTIFY, 'software');
    run.go();
    run.step(control, { start: NOTIFY, end: HVC });
    expect(run.read(control, 'pc')).toBe(HVC);
    run.step(control, { start: HVC, end: HVC + 4 });
    expect(run.read(control, 'pc')).toBe(HVC + 4);
  });
});
