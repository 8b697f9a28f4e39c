/** What was translated is kept between runs of the same system: it makes them faster, and shows in nothing that a run does. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Program } from './program.ts';

let partita: Program;
let dist: string;
/** The state after a run that began with nothing, and the file that it kept. */
let state: string;
let name: string;
let good: Buffer;

beforeAll(async () => {
  partita = await Program.build();
  dist = join(partita.folder, 'dist');
  const first = run();
  expect(first.translated.recalled).toBeLessThan(first.translated.regions / 2);
  state = first.stateHash;
  [name] = kept(dist) as [string];
  good = readFileSync(join(dist, name));
});
afterAll(() => partita.remove());
beforeEach(() => {
  for (const file of kept(dist)) rmSync(join(dist, file), { recursive: true });
  writeFileSync(join(dist, name), good);
});

const DEMO = 'boards/vexpress-a15/demo.dts';
const kept = (folder: string): string[] => readdirSync(folder).filter((file) => file.startsWith('translated-'));

interface Report {
  readonly stateHash: string;
  readonly translated: { readonly regions: number; readonly recalled: number };
}

function run(...more: readonly string[]): Report {
  const ran = partita.run('run', DEMO, '--for', '5ms', '--quiet', '--report', 'r.json', ...more);
  expect([ran.status, ran.stderr]).toEqual([3, '']);
  return JSON.parse(readFileSync(join(partita.folder, 'r.json'), 'utf8')) as Report;
}

it('a second run uses what the first one kept, and ends in the state that the interpreter ends in', () => {
  const { stateHash, translated } = run();
  expect(stateHash).toBe(state);
  expect(translated.recalled).toBeGreaterThan(20);
  const interpreted = run('--engine', 'interpreter');
  expect([interpreted.stateHash, interpreted.translated]).toEqual([state, undefined]);
  expect(run('--engine', 'interpreter', '--code-cache', 'off').stateHash).toBe(state);
  expect(kept(dist)).toEqual([expect.stringMatching(/^translated-[0-9a-f]{8}\.cache$/)]);
});

it('what was damaged, or is of another program, is not used and is replaced', () => {
  const flipped = Buffer.from(good);
  flipped[good.length >> 1] = ~(good[good.length >> 1] as number);
  const other = Buffer.from(good);
  other.writeUInt32LE(7, 4);
  for (const bad of [flipped, other, good.subarray(0, good.length >> 1), Buffer.alloc(5)]) {
    writeFileSync(join(dist, name), bad);
    const { stateHash, translated } = run();
    expect([stateHash, translated.recalled < translated.regions]).toEqual([state, true]);
    expect(readFileSync(join(dist, name)).equals(bad)).toBe(false);
  }
});

it('--code-cache names the folder, or switches it off', () => {
  expect(run('--code-cache', 'folder').translated.recalled).toBeLessThan(100);
  expect(kept(join(partita.folder, 'folder'))).toEqual([name]);
  expect(run('--code-cache', 'folder').translated.recalled).toBeGreaterThan(20);
  rmSync(join(dist, name));
  const off = run('--code-cache', 'off');
  expect([off.stateHash, off.translated.recalled]).toEqual([state, 0]);
  expect(kept(dist)).toEqual([]);
});

it.each([
  ['package.json/x', 'no folder can be made there (there is no such file or folder)'],
  ['package.json', 'no folder can be made there (it is a file)'],
  ['/proc/x', 'no folder can be made there'],
  ['', 'give a folder, or off'],
])('--code-cache %s is an error', (folder, why) => {
  const ran = partita.run('run', DEMO, '--for', '1ms', `--code-cache=${folder}`);
  expect([ran.status, ran.stderr.split('\n').length]).toEqual([2, 2]);
  expect(ran.stderr).toContain(why);
});

it('--code-cache without translated code is an error', () => {
  for (const more of [
    ['--engine', 'interpreter'],
    ['--profile', 'p.txt'],
  ]) {
    const ran = partita.run('run', DEMO, '--for', '1ms', '--code-cache', 'x', ...more);
    expect([ran.status, ran.stderr]).toEqual([2, expect.stringContaining('leave one of the options out')]);
  }
});

it('what is no file at its place is neither read nor replaced', () => {
  rmSync(join(dist, name));
  mkdirSync(join(dist, name));
  expect(run().stateHash).toBe(state);
  expect(kept(dist)).toEqual([name]);
  rmSync(join(dist, name), { recursive: true });
  symlinkSync('/dev/zero', join(dist, name));
  expect(run().stateHash).toBe(state);
});

it('of the same system elsewhere there is another file, and the oldest of many go', () => {
  symlinkSync('boards', join(partita.folder, 'others'));
  for (let i = 0; i < 40; i++) {
    // A half of them is what runs left that were killed.
    const old = join(dist, `translated-${(0x1000_0000 + i).toString(16)}.cache${i % 2 === 0 ? '.77' : ''}`);
    writeFileSync(old, '');
    utimesSync(old, 1000 + i, 1000 + i);
  }
  const ran = partita.run('run', 'others/vexpress-a15/demo.dts', '--for', '5ms', '--quiet');
  expect(ran.status).toBe(3);
  const left = kept(dist);
  expect(left.length).toBe(24);
  expect(left).toContain(name);
  expect(left).toContain('translated-10000027.cache');
  expect(left.filter((file) => statSync(join(dist, file)).size > 0).length).toBe(2);
});
