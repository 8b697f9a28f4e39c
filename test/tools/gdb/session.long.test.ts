import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { symbolsOf } from '../../support/elf-symbols.ts';
import { debugged } from '../../support/gdb.ts';
import { have } from '../../support/oracles.ts';
import { Program } from '../cli/program.ts';

let program: Program;
beforeAll(async () => {
  program = await Program.build();
});
afterAll(() => program.remove());

const DEMO = ['run', 'boards/vexpress-a15/demo.dts', '--for', '6ms'];

/** Where hyp_channel_notify has its HVC. */
function hvc(): number {
  const from = symbolsOf('guests/control/control.elf').get('hyp_channel_notify') as number;
  const bytes = readFileSync('guests/control/control.elf');
  // The first segment: its place in the file and its address.
  const header = bytes.readUInt32LE(28);
  const at = bytes.readUInt32LE(header + 4) + from - bytes.readUInt32LE(header + 8);
  for (let offset = 0; offset < 64; offset += 4) if (bytes.readUInt32LE(at + offset) === 0xe1400070) return from + offset;
  throw new Error('there is no HVC');
}

/** The demo system's run, if nobody looks. */
function undisturbed(): string {
  const report = program.file('plain.json', '');
  program.run(...DEMO, '--quiet', '--report', report);
  return (JSON.parse(readFileSync(join(program.folder, report), 'utf8')) as { stateHash: string }).stateHash;
}

const PARTITIONS = [
  'partition 2 guests/control/control.elf',
  'partition 3 guests/telemetry/telemetry.elf',
  'inferior 2',
  'break ring_write',
  'inferior 3',
  'tbreak doorbell',
  'continue',
  'delete 1',
  'continue',
  'backtrace',
];

const HYPERCALL = (at: number): readonly string[] => [
  'inferior 2',
  'delete',
  `tbreak *${at}`,
  'continue',
  'inferior 1',
  'file guests/control/control.elf',
  'stepi',
  'printf "hyp mode %x class %x return %x\\n", $cpsr & 31, $HSR >> 26, $ELR_hyp',
  'stepi',
  'printf "guest mode %x pc %x\\n", $cpsr & 31, $pc',
];

const WATCHED = [
  'inferior 2',
  'monitor watch pa 0xbff00018 4 w',
  'continue',
  'x/i $pc',
  'monitor unwatch all',
  'watch *(unsigned int *)0x50000018',
  'continue',
  'delete',
  'await-next',
  // To detach would let the run go to its end before the next one is in.
  'disconnect',
];

const NEXT = ['partition 2 guests/control/control.elf', 'break hyp_channel_notify', 'continue', 'backtrace', 'delete'];

describe('gdb-multiarch in full', () => {
  it.skipIf(!have('gdb-multiarch'))('goes through two partitions and the machine, and another one comes after it', async () => {
    const first = [...PARTITIONS, ...HYPERCALL(hvc()), ...WATCHED];
    const session = await debugged(program, DEMO, first, [...NEXT, 'detach inferiors 2']);
    expect(session.output).toMatch(/Thread 2\.1 "control" hit Breakpoint 1, .*ring_write/);
    expect(session.output).toMatch(/Thread 3\.1 "telemetry" hit Temporary breakpoint 2, .*doorbell/);
    expect(session.output).toMatch(/#1 .* in gic_dispatch \(\)/);
    const after = (hvc() + 4).toString(16);
    expect(session.output).toContain(`hyp mode 1a class 12 return ${after}`);
    expect(session.output).toContain(`guest mode 13 pc ${after}`);
    expect(session.output).toContain('Before a store of 4 bytes at VA 0x50000018, watched as pa 0xbff00018');
    expect(session.output).toMatch(/=> 0x[0-9a-f]+ <ring_write\+\d+>:\s+str\s/);
    expect(session.output).toMatch(/Old value = (\d+)\nNew value = (?!\1\n)\d+/);
    expect(session.output).toMatch(/Thread 2\.1 "control" hit Breakpoint 1, .*hyp_channel_notify/);
    expect(session.output).toMatch(/#0 +hyp_channel_notify .*\n#1 .* in work \(\)/);
    expect(session.output).not.toContain('Remote communication error');
    expect(session.stateHash).toBe(undisturbed());
  });

  it.skipIf(!have('gdb-multiarch'))('changes the run if it writes a register', async () => {
    const script = [...NEXT, 'set $d31 = 1.5', 'print $d31', 'stepi', 'print $d31', 'detach inferiors 2'];
    const session = await debugged(program, DEMO, script);
    expect(session.output).toMatch(/\$1 = .*1\.5[\s\S]*\$2 = .*1\.5/);
    expect(session.stateHash).not.toBe(undisturbed());
  });

  it.skipIf(!have('gdb-multiarch'))('ends the run if it kills', async () => {
    const session = await debugged(program, DEMO, ['partition 2 guests/control/control.elf', 'kill inferiors 2']);
    expect(session.status).toBe(3);
    expect(session.stateHash).not.toBe(undisturbed());
  });
});
