import { describe, expect, it } from 'vitest';
import type { Group } from '../../../tools/bench/images.ts';
import type { Result } from '../../../tools/bench/measure.ts';
import { asText, type Figures, intoDocument, means } from '../../../tools/bench/tables.ts';

const result = (name: string, group: Group, ratio: number): Result => ({
  name,
  group,
  what: 'something',
  instructions: 400e6,
  stateHash: '0'.repeat(16),
  partita: { cpu: 0.5, wall: 0.6, memory: 100, rate: 800 },
  qemu: { cpu: 0.5 * ratio, wall: 1, memory: 50, rate: 800 / ratio },
  ratio,
  raw: { partita: [], qemu: [] },
});

const results = [result('a', 'compute', 1), result('b', 'compute', 4), result('c', 'vfp', 8), result('d', 'exits', 100)];
const figures: Figures = {
  machine: 'a machine',
  engine: 'jit',
  runs: 5,
  results,
  boots: [{ name: 'starting', times: { Partita: { cpu: 1, wall: 2, memory: 3 } } }],
  costs: [{ name: 'e', instructions: 1000, regions: 50, modules: 2, bytes: 30_000, translating: 1.25, compiling: 0.5 }],
  means: means(results),
};

describe('the means', () => {
  it('are geometric, one for each kind of computing image, without exits', () => {
    expect(means(results)['compute images']).toBeCloseTo(2, 10);
    expect(means(results)['VFP']).toBeCloseTo(8, 10);
    expect(means(results)['all that compute']).toBeCloseTo(32 ** (1 / 3), 10);
  });

  it('leave out what was not measured', () => {
    expect(Object.keys(means([result('c', 'vfp', 8)]))).toEqual(['VFP', 'all that compute']);
  });
});

describe('the table in a document', () => {
  const document = 'before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n';

  it('takes the place of the old one and of nothing else', () => {
    const text = intoDocument(document, figures);
    expect(text).toMatch(/^before\n<!-- bench: begin -->\nMachine: a machine\./);
    expect(text).toMatch(/\n<!-- bench: end -->\nafter\n$/);
    expect(text).not.toContain('old');
    expect(text).toContain('| b | 400 | 0.50 | 2.00 | 0.60 | 1.00 | 800 M/s | 200 | 4.00 | 100 | 50 |');
    expect(intoDocument(text, figures)).toBe(text);
  });

  it('needs a place', () => {
    expect(() => intoDocument('before\n', figures)).toThrow('has no lines');
  });
});

it('prints one line for each image, mean and start', () => {
  const lines = asText(figures).split('\n');
  expect(lines.filter((line) => /^[abcd] .* \d+$/.test(line))).toHaveLength(4);
  expect(lines).toContain('geometric mean of the ratios, compute images: 2.00');
  expect(lines).toContain('most memory: 100 MiB (a), of 656 that twice the RAM and 400 MiB make');
  expect(lines.find((line) => line.startsWith('translation of e: 1.75 µs'))).toMatch(
    /1000 in 50 regions, 2 modules, 30 bytes each/,
  );
  expect(lines.some((line) => /^starting\s+Partita\s+1\.00\s+2\.00\s+3$/.test(line))).toBe(true);
});
