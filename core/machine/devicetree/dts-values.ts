/** Reads the value of a property. Reference: Devicetree Specification v0.4, 6.3; /bits/ and /incbin/ as dtc has them. */
import { evaluate, type Operand } from './dts-expression.ts';
import { type DtsLexer, type DtsToken, describe } from './dts-lexer.ts';
import type { Piece, Reference } from './dts-source-tree.ts';
import { DeviceTreeError, type Origin } from './error.ts';
import { toLatin1 } from './text.ts';

/** Gives the bytes of a file that /incbin/ names. */
export type ReadBinary = (name: string, origin: Origin) => Uint8Array;

type InnerLabels = [string, Origin][];

/** Reads tokens with the complaints that a parser has about them. */
export class TokenReader {
  readonly lexer: DtsLexer;
  /** Path of the node that is being read. */
  path: string | undefined;

  constructor(lexer: DtsLexer) {
    this.lexer = lexer;
  }

  fail(token: DtsToken, problem: string, expected?: string, advice?: string): DeviceTreeError {
    return new DeviceTreeError(this.lexer.origin(token), problem, { path: this.path, expected, advice });
  }

  unexpected(expected: string, advice?: string): DeviceTreeError {
    const token = this.lexer.peek();
    return this.fail(token, `found ${describe(token)}`, expected, advice);
  }

  at(kind: DtsToken['kind'], text?: string): boolean {
    const token = this.lexer.peek();
    return token.kind === kind && (text === undefined || token.text === text);
  }

  accept(kind: DtsToken['kind'], text?: string): DtsToken | undefined {
    return this.at(kind, text) ? this.lexer.next() : undefined;
  }

  expect(kind: DtsToken['kind'], expected: string, text?: string, advice?: string): DtsToken {
    const token = this.accept(kind, text);
    if (token === undefined) throw this.unexpected(expected, advice);
    return token;
  }

  /** A literal or a parenthesised expression. */
  integer(): bigint {
    const { lexer } = this;
    const literal = this.accept('number');
    if (literal !== undefined) return literal.value!;
    if (!this.at('punctuator', '(')) throw this.unexpected('a number or a parenthesised expression');
    lexer.next();
    const operand = (token: DtsToken): Operand => ({
      text: token.kind === 'punctuator' ? token.text : '',
      shown: describe(token),
      value: token.value,
    });
    const value = evaluate({
      peek: () => operand(lexer.peek()),
      next: () => operand(lexer.next()),
      fail: (problem, expected) => this.fail(lexer.peek(), problem, expected, 'Macros must be defined before they are used.'),
    });
    this.expect('punctuator', "')' or an operator", ')');
    return value;
  }

  reference(kind: Reference['kind']): Reference | undefined {
    const token = this.accept('labelRef') ?? this.accept('pathRef');
    if (token === undefined) return undefined;
    const to = token.kind === 'labelRef' ? { label: token.text } : { path: token.text };
    return { to, kind, origin: this.lexer.origin(token) };
  }
}

export class ValueReader {
  readonly #tokens: TokenReader;
  readonly #readBinary: ReadBinary;

  constructor(tokens: TokenReader, readBinary: ReadBinary) {
    this.#tokens = tokens;
    this.#readBinary = readBinary;
  }

  /** What stands between `=` and `;`. */
  read(): { pieces: Piece[]; innerLabels: InnerLabels } {
    const pieces: Piece[] = [];
    const innerLabels: InnerLabels = [];
    do {
      this.#labels(innerLabels);
      for (const piece of this.#part(innerLabels)) pieces.push(piece);
      this.#labels(innerLabels);
    } while (this.#tokens.accept('punctuator', ','));
    return { pieces, innerLabels };
  }

  #labels(found: InnerLabels): void {
    for (let token = this.#tokens.accept('label'); token !== undefined; token = this.#tokens.accept('label')) {
      found.push([token.text, this.#tokens.lexer.origin(token)]);
    }
  }

  #part(innerLabels: InnerLabels): Piece[] {
    const tokens = this.#tokens;
    const string = tokens.accept('string');
    if (string !== undefined) return [toLatin1(`${string.text}\0`)];
    if (tokens.accept('punctuator', '[')) return [this.#bytes(innerLabels)];
    if (tokens.accept('keyword', '/incbin/')) return [this.#binary()];
    if (tokens.at('keyword', '/bits/') || tokens.at('punctuator', '<')) return this.#array(this.#width(), innerLabels);
    const reference = tokens.reference('path');
    if (reference !== undefined) return [reference];
    throw tokens.unexpected('a value: <cells>, "string", [bytes] or &reference', "End the property before with ';'.");
  }

  /** Reads `/bits/ n`, if it is there. */
  #width(): number {
    const tokens = this.#tokens;
    if (!tokens.accept('keyword', '/bits/')) return 32;
    const token = tokens.expect('number', 'a number of bits');
    const width = Number(token.value);
    if (![8, 16, 32, 64].includes(width)) throw tokens.fail(token, `array elements of ${token.text} bits`, '8, 16, 32 or 64');
    return width;
  }

  #array(width: number, innerLabels: InnerLabels): Piece[] {
    const tokens = this.#tokens;
    const pieces: Piece[] = [];
    let bytes: number[] = [];
    tokens.expect('punctuator', "'<'", '<');
    while (!tokens.accept('punctuator', '>')) {
      this.#labels(innerLabels);
      const first = tokens.lexer.peek();
      const reference = tokens.reference('phandle');
      if (reference !== undefined) {
        if (width !== 32) throw tokens.fail(first, `a reference is in an array of ${width} bits`, 'an array of 32 bits');
        pieces.push(Uint8Array.from(bytes), reference);
        bytes = [];
      } else if (!tokens.at('punctuator', '>')) {
        pushBytes(bytes, this.#fitting(first, width), width);
      }
    }
    return [...pieces, Uint8Array.from(bytes)];
  }

  /** An integer that fits the width, as it is or as a negative number. */
  #fitting(first: DtsToken, width: number): bigint {
    const value = this.#tokens.integer();
    const mask = (1n << BigInt(width)) - 1n;
    if (value <= mask || (value | mask) === 0xffff_ffff_ffff_ffffn) return value & mask;
    const advice = 'Split it into two cells, or put /bits/ 64 before the array.';
    throw this.#tokens.fail(
      first,
      `0x${value.toString(16)} does not fit ${width} bits`,
      `at most 0x${mask.toString(16)}`,
      advice,
    );
  }

  #bytes(innerLabels: InnerLabels): Uint8Array {
    const bytes: number[] = [];
    while (!this.#tokens.accept('punctuator', ']')) {
      this.#labels(innerLabels);
      if (this.#tokens.at('punctuator', ']')) continue;
      bytes.push(Number.parseInt(this.#tokens.expect('byte', "two hexadecimal digits for each byte, or ']'").text, 16));
    }
    return Uint8Array.from(bytes);
  }

  #binary(): Uint8Array {
    const tokens = this.#tokens;
    tokens.expect('punctuator', "'('", '(');
    const name = tokens.expect('string', 'a file name in quotes');
    let range: [bigint, bigint] | undefined;
    if (tokens.accept('punctuator', ',')) {
      const offset = tokens.integer();
      tokens.expect('punctuator', "','", ',');
      range = [offset, tokens.integer()];
    }
    tokens.expect('punctuator', "')'", ')');
    const bytes = this.#readBinary(name.text, tokens.lexer.origin(name));
    return range === undefined ? bytes : bytes.slice(Number(range[0]), Number(range[0] + range[1]));
  }
}

function pushBytes(bytes: number[], value: bigint, width: number): void {
  if (width > 32) pushBytes(bytes, value >> 32n, 32);
  const low = Number(value & 0xffff_ffffn);
  for (let shift = Math.min(width, 32) - 8; shift >= 0; shift -= 8) bytes.push((low >>> shift) & 0xff);
}
