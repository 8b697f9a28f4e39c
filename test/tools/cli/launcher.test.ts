/** The code kept between runs: it is used while it is good for the program, and never seen in what a run does. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Program, type Ran } from './program.ts';

let partita: Program;
let dist: string;
/** The first run, and the file that it kept. */
let first: string;
let file: string;
let good: Buffer;

beforeAll(async () => {
  partita = await Program.build();
  dist = join(partita.folder, 'dist');
  first = boot();
  file = join(dist, kept()[0] as string);
  good = readFileSync(file);
});
afterAll(() => partita.remove());
beforeEach(() => {
  for (const name of kept()) rmSync(join(dist, name), { recursive: true });
  writeFileSync(file, good);
});

const BOOT = ['boot', '--board', 'virt', 'guests/hello/hello.elf', '--instructions', '20000'];

/** Whatever begins like it, so that a file half written is seen too. */
const kept = (): string[] => readdirSync(dist).filter((name) => name.startsWith('partita-'));

/** All that is said, but for how long it took. */
const said = ({ stdout, stderr }: Pick<Ran, 'stdout' | 'stderr'>): string =>
  stdout + stderr.replace(/ in [\d.]+ s \([\d.]+ M/, '');

function boot(): string {
  const ran = partita.run(...BOOT);
  expect(ran.status).toBe(3);
  return said(ran);
}

const inodes = (): number[] => kept().map((name) => statSync(join(dist, name)).ino);

it('a run keeps the compiled code, and the next one uses it and ends in the same state', () => {
  expect(first).toMatch(/state [0-9a-f]{16}/);
  expect(kept()).toEqual([expect.stringMatching(/^partita-v\d+\.\d+\.\d+-\w+-\d+\.cache$/)]);
  expect(good.length).toBeGreaterThan(500_000);
  const before = inodes();
  expect(boot()).toBe(first);
  // What V8 turns down is written anew, as another file.
  expect(inodes()).toEqual(before);
});

it('a command that runs no guest keeps nothing: it has compiled little', () => {
  rmSync(file);
  expect(partita.run('--help').status).toBe(0);
  expect(partita.run('check', 'boards/vexpress-a15/demo.dts').status).toBe(0);
  expect(kept()).toEqual([]);
});

it('what was damaged is not used, and is replaced', () => {
  const flipped = Buffer.from(good);
  flipped[good.length >> 1] = ~(good[good.length >> 1] as number);
  for (const bad of [flipped, good.subarray(0, good.length >> 1), Buffer.alloc(0), Buffer.alloc(5000, 7)]) {
    writeFileSync(file, bad);
    const before = inodes();
    expect(boot()).toBe(first);
    expect(inodes()).not.toEqual(before);
  }
  const repaired = inodes();
  boot();
  expect(inodes()).toEqual(repaired);
});

it('another program of the same length has code of its own', () => {
  const program = join(dist, 'partita.cjs');
  const text = readFileSync(program, 'utf8');
  const other = text.replaceAll('limit reached', 'LIMIT REACHED');
  try {
    writeFileSync(program, other);
    expect(boot()).toBe(first.replaceAll('limit reached', 'LIMIT REACHED'));
  } finally {
    writeFileSync(program, text);
  }
});

it('other flags of V8 have a file of their own', () => {
  const otherwise = () => spawnSync(process.execPath, ['--stack-size=900', 'dist/partita.js', ...BOOT], { cwd: partita.folder });
  expect(otherwise().status).toBe(3);
  const both = inodes();
  expect(both.length).toBe(2);
  otherwise();
  boot();
  expect(inodes()).toEqual(both);
});

it('where nothing can be written, a run is the same and leaves nothing behind', () => {
  rmSync(file);
  mkdirSync(file); // in the way of root too
  chmodSync(dist, 0o555);
  try {
    expect(boot()).toBe(first);
    expect(kept().length).toBe(1);
    expect(readdirSync(file)).toEqual([]);
  } finally {
    chmodSync(dist, 0o755);
  }
});

it('first runs at the same time do not disturb each other', async () => {
  rmSync(file);
  const one = () => promisify(execFile)(process.execPath, ['dist/partita.js', ...BOOT], { cwd: partita.folder });
  const all = await Promise.all([1, 2, 3].map(() => one().catch((ran: Ran) => ran)));
  expect(all.map(said)).toEqual([first, first, first]);
  const written = inodes();
  expect(written.length).toBe(1);
  boot();
  expect(inodes()).toEqual(written);
});

it('the program is ASCII but for its comments, as the launcher reads it', () => {
  const lines = readFileSync(join(dist, 'partita.cjs'), 'utf8').split('\n');
  const strange = lines.filter((line) => /[^\0-\x7f]/.test(line) && !/^\s*(\/\/|\/?\*)/.test(line));
  expect(strange).toEqual([]);
});
