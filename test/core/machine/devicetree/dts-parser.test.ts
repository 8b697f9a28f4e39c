import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDtb } from '../../../../core/machine/devicetree/dtb-reader.ts';
import { writeDtb } from '../../../../core/machine/devicetree/dtb-writer.ts';
import { parseDts } from '../../../../core/machine/devicetree/dts-parser.ts';
import { have } from '../../../support/oracles.ts';
import { complaint, disk, dtc, parse, parseFiles, SOURCES } from './sources.ts';

const INCLUDE = `${SOURCES}/include`;
const names = readdirSync(SOURCES).filter((name) => name.endsWith('.dts'));

function preprocessed(path: string): Buffer {
  const flags = ['-E', '-x', 'assembler-with-cpp', '-nostdinc', '-undef', '-D__DTS__', '-I', INCLUDE];
  return spawnSync('gcc', [...flags, path], { cwd: SOURCES }).stdout;
}

describe('against dtc', () => {
  it.skipIf(!have('dtc', 'gcc')).each(names)('%s becomes the same bytes', (name) => {
    const path = `${SOURCES}/${name}`;
    const ours = writeDtb(parseDts(path, disk(INCLUDE)));
    const theirs = dtc('dts', name === 'preprocessed.dts' ? preprocessed(name) : readFileSync(path));
    expect(Buffer.from(ours).toString('hex')).toBe(theirs.toString('hex'));
    expect(Buffer.from(writeDtb(readDtb(ours, name)))).toEqual(dtc('dtb', ours));
  });

  const refused = [
    '/ { a; a; };',
    '/ { a { }; a { }; };',
    '/ { a { }; b; };',
    '/ { c = <1> <2>; };',
    '/ { c = ; };',
    '/ { c = , <1>; };',
    '/ { c = <08>; };',
    '/ { c = <10ull>; };',
    '/ { c = <0x10000000000000000>; };',
    '/ { c = <0x100000000>; };',
    '/ { c = /bits/ 8 <256>; };',
    '/ { c = /bits/ 12 <1>; };',
    '/ { c = /bits/ 16 <&x>; x: x { }; };',
    '/ { c = [0 1]; };',
    "/ { c = <'ab'>; };",
    '/ { c = <(1 / 0)>; };',
    '/ { c = <(+ 1)>; };',
    '/ { c = <(1 ? 1 : 1 % 0)>; };',
    '/ { c = <&nowhere>; };',
    '/ { c = &{/nowhere}; };',
    '/ { c = l1: <1>, l1: <2>; };',
    '/ { a@1@2 { }; };',
    '/ { a*b { }; };',
    '/ { a@b = <1>; };',
    '/ { phandle = <0>; };',
    '/ { phandle; };',
    '/ { a { phandle = <3>; }; b { phandle = <3>; }; };',
    '/ { a { phandle = <&b>; }; b: b { }; };',
    '/ { a { name = "b"; }; };',
    '/ { l: a { }; l: b { }; };',
    '/ { l: a { }; }; /delete-node/ &l; &l { };',
    '/ { }; &nowhere { };',
    '&early { }; / { early: a { }; };',
    'label: / { };',
    '/ { a }; };',
    '/ { a { } };',
    '/ { }',
    '/ { } ; garbage',
    '/memreserve/ 1; / { };',
    '/ { a = "no end; };',
    '/ { a = <1; };',
    '/ { /* };',
    '',
  ];
  it.skipIf(!have('dtc')).each(refused)('refuses as dtc does: %s', (text) => {
    expect(() => dtc('dts', Buffer.from(`/dts-v1/;\n${text}`))).toThrow('dtc');
    expect(complaint(() => parse(text)).file).toBe('test.dts');
  });
});

describe('complaints', () => {
  it('name file, line, column, node, what was expected and what to do', () => {
    const error = complaint(() => parse('/ {\n  soc {\n    uart@0 {\n      reg = <0 0x100000000>;\n    };\n  };\n};'));
    expect(error).toMatchObject({ file: 'test.dts', line: 5, column: 16, nodePath: '/soc/uart@0' });
    expect(error.message).toBe(
      'test.dts:5:16: /soc/uart@0: 0x100000000 does not fit 32 bits; expected at most 0xffffffff. ' +
        'Split it into two cells, or put /bits/ 64 before the array.',
    );
  });

  it('name the included file and the place where a macro is used', () => {
    const files = { 'test.dts': '/dts-v1/;\n#include "a/b.dtsi"\n', 'a/b.dtsi': '#define X <1 &no>\n\n/ {\n\tx = X; };' };
    const error = complaint(() => parseFiles(files));
    expect(error.message).toMatch(/^a\/b\.dtsi:4:6: \/: label 'no' does not exist/);
  });

  it('follow line markers of a source that the C preprocessor has been through', () => {
    const error = complaint(() => parse('# 7 "board.dts"\n/ {\n  a = ;\n};'));
    expect(error).toMatchObject({ file: 'board.dts', line: 8, column: 7 });
  });

  it('refuse overlays and sources without version with advice', () => {
    expect(complaint(() => parse('/plugin/;\n/ { };')).message).toMatch(/test.dts:2:1: .*plugin.*Include the source/);
    expect(complaint(() => parseFiles({ 'test.dts': '/ { };' })).message).toMatch(
      /test.dts:1:1: found '\/'; expected \/dts-v1\/;/,
    );
  });

  it('list where a missing include was looked for', () => {
    const missing = complaint(() => parseFiles({ 'test.dts': '/dts-v1/;\n  #include "a.h"' }, 'inc', 'more/'));
    expect(missing.message).toBe("test.dts:2:12: file 'a.h' is not found. Looked for a.h, inc/a.h, more/a.h.");
    expect(complaint(() => parseFiles({})).message).toMatch('test.dts: cannot be read');
  });
});

describe('bounds', () => {
  const repeat = (text: string, count: number) => text.repeat(count);
  const hostile: [string, string, RegExp][] = [
    ['a file that includes itself', '#include "test.dts"', /include each other deeper/],
    ['nodes in nodes', `/ { ${repeat('a { ', 20_000)}`, /nested deeper than 64/],
    ['parentheses', `/ { a = <${repeat('(', 20_000)}`, /nested deeper than 200/],
    ['conditional operators', `/ { a = <(${repeat('1 ? 1 : ', 20_000)}1)>; };`, /nested deeper than 200/],
    ['unary operators', `/ { a = <(${repeat('- ', 20_000)})>; };`, /found '\)'/],
    ['macros that double', `#define A0 x x\n${doubling(40)}/ { A39 };`, /expand to more than/],
    [
      'macros that double their argument',
      `#define F(x) x x\n/ { ${repeat('F(', 60)}x${repeat(')', 60)} };`,
      /expand to more than/,
    ],
    [
      'pastes that double',
      `#define F(x) x##x\n#define E(x) F(x)\n/ { ${repeat('E(', 60)}x${repeat(')', 60)} };`,
      /expand to more than/,
    ],
    ['calls in calls', `#define F(x) x\n/ { ${repeat('F(', 20_000)}`, /do not end/],
    ['complete calls in calls', `#define F(x) x\n/ { ${repeat('F(', 2000)}1${repeat(')', 2000)} };`, /nested deeper than 200/],
    ['a chain of macros', `${chain(5000)}/ { M0; };`, /nested deeper than 200/],
    ['open conditionals', repeat('#if 1\n', 20_000), /conditional does not end/],
    ['long names', `/ { ${repeat('n', 1000)}; };`, /longer than 255/],
    [
      'long paths by the thousand',
      `/ { ${repeat(`${repeat('a', 255)} { `, 60)} l: l { b = ${Array(5000).fill('&l').join(',')}; }; ${repeat('}; ', 60)} };`,
      /values of the tree have more/,
    ],
  ];
  function doubling(count: number): string {
    return Array.from({ length: count }, (_, i) => `#define A${i + 1} A${i} A${i}\n`).join('');
  }
  function chain(count: number): string {
    return Array.from({ length: count }, (_, i) => `#define M${i} M${i + 1}\n`).join('');
  }
  it.each(hostile)('%s end in one complaint', (_, text, message) => {
    expect(complaint(() => parse(text)).message).toMatch(message);
  });

  it('files that include each other twice end in one complaint', () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`${i}.h`, `#include "${i + 1}.h"\n#include "${i + 1}.h"\n`]),
    );
    const error = complaint(() => parseFiles({ ...files, 'test.dts': '#include "0.h"', '40.h': '' }));
    expect(error.message).toMatch('more than 4096 files');
  });
});
