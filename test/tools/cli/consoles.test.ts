import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Console } from '../../../core/machine/console.ts';
import { findConsole, sanitise, showAll } from '../../../tools/cli/consoles.ts';
import { UsageError } from '../../../tools/cli/usage.ts';

/** What the terminal is given when these bytes are printed. */
function shown(...printed: readonly (readonly [console: string, bytes: Iterable<number>])[]): string {
  const consoles = new Map(printed.map(([name]) => [name, new Console(name)]));
  let output = '';
  const finish = showAll(consoles.values(), (text) => {
    output += text;
  });
  for (const [name, bytes] of printed) for (const byte of bytes) consoles.get(name)?.put(byte);
  finish();
  return stripVTControlCharacters(output);
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('consoles on one terminal', () => {
  it('each line bears the name, all of one width', () => {
    expect(shown(['control', bytes('one\ntwo\n')], ['io', bytes('three\r\n')])).toBe(
      'control | one\ncontrol | two\nio      | three\n',
    );
  });

  it('a line that was not finished is shown at the end, an empty one in its place', () => {
    expect(shown(['a', bytes('\nhalf')])).toBe('a | \na | half\n');
  });

  it('a line that never ends comes in pieces', () => {
    expect(
      shown(['a', bytes('x'.repeat(2500))])
        .split('\n')
        .map((line) => line.length),
    ).toEqual([1028, 1028, 456, 0]);
  });

  it('UTF-8 stays readable', () => {
    expect(shown(['a', bytes('Grüße, 世界\n')])).toBe('a | Grüße, 世界\n');
  });

  it('a guest cannot speak to the terminal', () => {
    expect(sanitise('\x1b]0;title\x07 \x9b2J \x7f \b')).toBe('\\x1b]0;title\\x07 \\x9b2J \\x7f \\x08');
    expect(sanitise('abc\u202ecba\u2028')).toBe('abc\\u{202e}cba\\u{2028}');
    expect(sanitise('\ta')).toBe('\ta');
  });

  it('whatever a guest prints, only printable characters and whole lines come out', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (printed) => {
        const output = shown(['a', printed]);
        for (const line of output.split('\n').slice(0, -1)) expect(line.startsWith('a | ')).toBe(true);
        expect([...output].filter((c) => c !== '\n' && c !== '\t' && /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(c))).toEqual(
          [],
        );
      }),
      { numRuns: 1000, seed: 3 },
    );
  });
});

describe('the name of a console', () => {
  const consoles = new Map(['serial0', 'serial1'].map((name) => [name, new Console(name)]));

  it("uart0 is a bare board's first", () => {
    expect(findConsole(consoles, 'serial1', false).name).toBe('serial1');
    expect(findConsole(consoles, 'uart0', false).name).toBe('serial0');
  });

  it('that nothing has is refused with those that there are', () => {
    expect(() => findConsole(consoles, 'serial7', false)).toThrow(UsageError);
    expect(() => findConsole(consoles, 'serial7', false)).toThrow('there is no console "serial7"; there are serial0, serial1');
  });
});
