import { describe, expect, it } from 'vitest';
import { show } from '../../../tools/check/finding.ts';
import { checkHouse } from '../../../tools/check/house.ts';
import { readSources } from '../../../tools/check/sources.ts';

const found = (path: string, text: string) => checkHouse(readSources({ [path]: text })).map(show);
const inCore = (line: string) => found('core/base/a.ts', `/** Header. */\n${line}\n`);
const inTest = (line: string) => found('test/a.test.ts', `${line}\n`);
/** Keeps this file itself from saying what it forbids. */
const comment = (text: string) => `/${'/'} ${text}`;

describe('a source of core', () => {
  it.each([
    ['const t = Date.now();', 'Date depends on the host'],
    ['const t = new Date();', 'Date depends on the host'],
    ['const x = Math.random();', 'Math.random need not be the same'],
    ['const x = Math.sin(1);', 'Math.sin need not be the same'],
    ['const t = performance.now();', 'performance depends on the host'],
    ['const x = (5).toLocaleString();', "toLocaleString depends on the host's language"],
    ['const x = new WeakRef({});', 'WeakRef depends on the host'],
    ['export const f = (x: any) => x;', "says 'any'"],
    ['const x = y as any;', "says 'any'"],
    [comment('biome-ignore lint: because'), 'silences a check (biome-ignore)'],
    [comment('@ts-ignore'), 'silences a check (@ts-ignore)'],
    [comment('@ts-expect-error'), 'silences a check (@ts-expect-error)'],
    [comment('TODO: later'), 'is unfinished (TODO)'],
  ])('must not say %s', (line, problem) => {
    const [finding, ...rest] = inCore(line);
    expect(finding).toContain(`core/base/a.ts:2: ${problem}`);
    expect(rest).toEqual([]);
  });

  it.each([
    ['const x = Math.floor(1.5) + Math.imul(3, 4);'],
    ["const any = 'any'; // any word in a comment"],
    ['const x = clock.date; const y = { Date: 1 }; const z = y.Date;'],
    [comment('TODO with issue 12: later')],
  ])('may say %s', (line) => {
    expect(inCore(line)).toEqual([]);
  });

  it('starts with a comment that says what it is', () => {
    expect(found('core/base/a.ts', 'export const a = 1;')[0]).toContain('core/base/a.ts:1: has no header comment');
  });

  it('has at most 400 lines, in functions of at most 40', () => {
    const lines = (count: number) => 'const x = 1;\n'.repeat(count);
    expect(inCore(lines(398))).toEqual([]);
    expect(inCore(lines(420))[0]).toContain('the limit is 400');
    expect(inCore(`function f() {\n${lines(38)}}`)).toEqual([]);
    expect(inCore(`function f() {\n${lines(39)}}`)[0]).toContain('core/base/a.ts:2: a function of 41 lines');
    expect(inCore(`class A {\n  f() {\n${lines(39)}}\n}`)[0]).toContain('core/base/a.ts:3: a function of 41 lines');
  });
});

describe('a test', () => {
  it.each([
    ['only', "it.only('x', () => {});"],
    ['skip', "describe.skip('x', () => {});"],
    ['todo', "it.todo('x');"],
    ['skipIf', "it.skipIf(process.platform === 'win32')('x', () => {});"],
    ['runIf', "const fast = true; it.runIf(fast)('x', () => {});"],
  ])('must not stand aside by .%s', (name, line) => {
    expect(inTest(line)[0]).toContain(`.${name}`);
  });

  it.each([
    ["it.skipIf(!have('dtc'))('x', () => {});"],
    ["const ready = have('dtc'); describe.skipIf(!ready)('x', () => {});"],
    ["const file = have('dtc') ? 1 : undefined; const none = file === undefined; it.skipIf(none)('x', () => {});"],
    ["list.skip(3); buffer.only('x');"],
    [comment('@ts-expect-error: a string is no field')],
  ])('may say %s', (line) => {
    expect(inTest(line)).toEqual([]);
  });
});
