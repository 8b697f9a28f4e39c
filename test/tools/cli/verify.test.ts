import { expect, it } from 'vitest';
import { STAGED } from '../../../core/jit/staging.ts';
import type { TranslationOptions } from '../../../core/jit/translations.ts';
import { applyOptions } from '../../../core/machine/board.ts';
import { bootMachine } from '../../../core/machine/boot.ts';
import { type MakeMachine, verify } from '../../../core/machine/lockstep.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { Wasm } from '../../../tools/host/wasm.ts';
import { elf, readBoard } from '../../core/machine/rig.ts';
import { Program } from './program.ts';

const START = 0x4000_8000;
/** An endless loop that calls a function and stores what it computes. */
const PROGRAM = [
  0xe3a00000, // mov r0, #0
  0xe28f1f40, // add r1, pc, #256
  0xe2800001, // loop: add r0, r0, #1
  0xeb000002, // bl function
  0xe5812000, // str r2, [r1]
  0xe0833002, // add r3, r3, r2
  0xeafffffa, // b loop
  0xe0222000, // function: eor r2, r2, r0
  0xe08220e0, // add r2, r2, r0, ror #1
  0xe12fff1e, // bx lr
];

const maker =
  (words: readonly number[], translation: Partial<TranslationOptions>): MakeMachine =>
  (engine, other): Machine => {
    const tree = readBoard('virt');
    applyOptions(tree, { virtualization: false, cores: 1, memory: 0x10_0000 });
    const translator = engine === 'jit' ? { wasm: new Wasm(), translation: { ...translation, ...other } } : {};
    return bootMachine(tree, { image: elf(words, START), firmware: false, el: 'svc', ...translator });
  };

it('two engines that do the same are in step until the limit', () => {
  const times: number[] = [];
  const passed = (time: number) => times.push(time) > 0;
  const { time, divergence } = verify(maker(PROGRAM, { hot: 4 }), { until: 500_000, step: 100_000, passed });
  expect(divergence).toBe(undefined);
  expect(time).toBe(500_000);
  expect(times).toEqual([100_000, 200_000, 300_000, 400_000, 500_000]);
});

it('a wrong meaning is found at its first effect, with the instructions before it and what differs', () => {
  const staged = { ...STAGED, EOR_reg: STAGED['ORR_reg'] as (typeof STAGED)[string] };
  const { divergence } = verify(maker(PROGRAM, { staged, hot: 4, batch: 1, patience: 0 }), { until: 10_000_000 });
  expect(divergence).toBeDefined();
  const { from, to, differences, trace } = divergence as NonNullable<typeof divergence>;
  expect(to - from).toBe(1);
  expect(to).toBeLessThan(1000);
  expect(differences.join('\n')).toMatch(/^R2: [0-9a-f]{8} interpreted, [0-9a-f]{8} translated/m);
  expect(trace.at(-1)).toMatch(/40008\w{3} {2}eor +r2, r2, r0 +R2=/);
  expect(trace.length).toBeGreaterThan(10);
});

it('an instruction limit ends it too', () => {
  const { time, divergence } = verify(maker(PROGRAM, { hot: 4 }), { until: Number.POSITIVE_INFINITY, instructions: 12_345 });
  expect(divergence).toBe(undefined);
  expect(time).toBe(12_345);
});

it('partita boot and run with --verify compare both engines and say how far they were the same', async () => {
  const program = await Program.build();
  try {
    program.file('loop.elf', elf(PROGRAM, START));
    const ran = program.run('boot', '--verify', '--for', '300us', 'loop.elf');
    expect(ran.stderr).toBe('both engines were in the same state up to 0.300000 ms of virtual time\n');
    expect(ran.status).toBe(0);
    const demo = program.run('run', 'boards/vexpress-a15/demo.dts', '--verify', '--for', '2ms', '--quiet');
    expect(demo.stderr).toContain('same state up to 2.000000 ms');
  } finally {
    program.remove();
  }
});
