import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Input, Recorded } from '../../../core/net/gateway/outside.ts';
import { JournalFile, readJournal } from '../../../tools/cli/journal.ts';
import { UsageError } from '../../../tools/cli/usage.ts';

const folder = mkdtempSync(join(tmpdir(), 'journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'inputs');

const INPUTS: readonly Input[] = [
  { kind: 'arrived', id: -1, forward: 0 },
  { kind: 'connected', id: 1 },
  { kind: 'refused', id: 2 },
  { kind: 'data', id: 1, bytes: Uint8Array.of(0, 255, 10, 13) },
  { kind: 'taken', id: 1, count: 5 },
  { kind: 'datagram', id: -2, bytes: new Uint8Array(), forward: 1 },
  { kind: 'resolved', id: 3, addresses: [0x7f000001] },
  { kind: 'ended', id: 1 },
  { kind: 'broken', id: 1 },
];

it('a recording is read as it was written, each port apart', () => {
  const journal = new JournalFile(file);
  const recorded = INPUTS.map((input, at): Recorded => ({ at, asked: `hash ${at}`, input }));
  for (const one of recorded) journal.write(one.at % 2 === 0 ? '/lan/out' : '/lan/other', one);
  journal.close();
  const read = readJournal(file);
  expect(read.get('/lan/out')).toEqual(recorded.filter(({ at }) => at % 2 === 0));
  expect(read.get('/lan/other')).toEqual(recorded.filter(({ at }) => at % 2 !== 0));
  expect(readFileSync(file, 'utf8').split('\n').length).toBe(INPUTS.length + 2);
});

const HEADER = '{"partita":"inputs","version":1}\n';

it.each([
  ['no recording', 'hello\n', 'is no recording'],
  ['a line that is no JSON', `${HEADER}{`, ':2: is no input'],
  ['null', `${HEADER}null\n`, ':2: is no input'],
  ['an unknown kind', `${HEADER}{"at":1,"port":"/a","asked":"","kind":"x","id":1}\n`, ':2: is no input'],
  ['data without bytes', `${HEADER}{"at":1,"port":"/a","asked":"","kind":"data","id":1}\n`, ':2: is no input'],
  ['no time', `${HEADER}{"port":"/a","asked":"","kind":"ended","id":1}\n`, ':2: is no input'],
  [
    'time that goes back',
    `${HEADER}{"at":5,"port":"/a","asked":"","kind":"ended","id":1}\n{"at":4,"port":"/a","asked":"","kind":"ended","id":1}\n`,
    ':3: is no input',
  ],
])('%s is refused with its line', (_, content, problem) => {
  writeFileSync(file, content);
  expect(() => readJournal(file)).toThrow(UsageError);
  expect(() => readJournal(file)).toThrow(problem);
});

it('a file that cannot be written is an error before the run', () => {
  expect(() => new JournalFile(join(folder, 'none', 'file'))).toThrow('--record');
  if (existsSync('/dev/full')) expect(() => new JournalFile('/dev/full')).toThrow('--record /dev/full: cannot be written');
});

it('a file that cannot be written any more is told at the end, and stops no run', () => {
  const pipe = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const journal = new JournalFile(pipe);
  const input: Recorded = { at: 1, asked: '', input: { kind: 'ended', id: 1 } };
  journal.write('/lan/out', input);
  closeSync(reader);
  journal.write('/lan/out', input);
  journal.write('/lan/out', input);
  expect(journal.close()).toMatch(/^--record .*pipe: the recording is not whole \(EPIPE[^\n]*\)$/);
});
