import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debugged } from '../../support/gdb.ts';
import { have } from '../../support/oracles.ts';
import { Program } from '../cli/program.ts';

let program: Program;
beforeAll(async () => {
  program = await Program.build();
});
afterAll(() => program.remove());

const DEMO = ['run', 'boards/vexpress-a15/demo.dts', '--for', '1200us'];

describe('gdb-multiarch', () => {
  it.skipIf(!have('gdb-multiarch'))('debugs a partition and the machine, and leaves no trace if it only looks', async () => {
    const looking = [
      'partition 2 guests/control/control.elf',
      'break hyp_channel_notify',
      'continue',
      'backtrace',
      'monitor translate 0x50000018',
      'info registers SCTLR SP_irq fpscr',
      'stepi',
      'inferior 1',
      'monitor threads',
      'print/x $HCR & 1',
      'inferior 2',
      'delete',
      'detach inferiors 2',
    ];
    const session = await debugged(program, DEMO, looking);
    expect(session.output).toMatch(/Thread 2\.1 "control" hit Breakpoint 1, hyp_channel_notify/);
    expect(session.output).toMatch(/#1 .* in work \(\) at control\/main\.c/);
    expect(session.output).toContain('VA 0x50000018 → IPA 0x50000018 → PA 0xbff00018');
    expect(session.output).toMatch(/SCTLR\s+0xc5187d/);
    expect(session.output).toContain('2.1 vCPU 0 has core 0');
    expect(session.output).toContain('$1 = 0x1');
    expect(session.status).toBe(3);
    const report = program.file('plain.json', '');
    program.run(...DEMO, '--quiet', '--report', report);
    const { stateHash } = JSON.parse(readFileSync(join(program.folder, report), 'utf8')) as { stateHash: string };
    expect(session.stateHash).toBe(stateHash);
  });
});
