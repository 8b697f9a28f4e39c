/**
 * Tokens of DTS. What a word means depends on what stands before it: after `{` or `;` it is a name, which may be
 * `1wire@0` or `#size-cells`; after `[` come bytes; elsewhere numbers and operators.
 * Reference: Devicetree Specification v0.4, chapter 6.
 */
import { character, integer, withoutEscapes } from './dts-literals.ts';
import type { SourceText } from './dts-text.ts';
import { DeviceTreeError, type Origin } from './error.ts';

export type DtsKind = 'name' | 'label' | 'labelRef' | 'pathRef' | 'number' | 'string' | 'byte' | 'keyword' | 'punctuator' | 'end';

export interface DtsToken {
  readonly kind: DtsKind;
  /** Without quotes, `&`, or the colon of a label; strings with escapes replaced. */
  readonly text: string;
  /** Of a number or character literal. */
  readonly value?: bigint | undefined;
  readonly offset: number;
}

type Mode = 'name' | 'value' | 'byte';

const SPACE = /[ \n]+/y;
const KEYWORD = /\/(?:dts-v1|plugin|memreserve|bits|incbin|delete-node|delete-property|omit-if-no-ref)\//y;
const LABEL = /([A-Za-z_]\w*):/y;
const LABEL_REF = /&([A-Za-z_]\w*)/y;
const PATH_REF = /&\{([\w/,.+*#?@-]*)\}/y;
const NAME = /\\?([\w,.+*#?@-]+)/y;
const NUMBER = /\d\w*/y;
const BYTE = /[0-9a-fA-F]{2}/y;
const CHAR = /'(?:[^'\\]|\\.)+'/sy;
const OPERATOR = /<<|>>|<=|>=|==|!=|&&|\|\||./sy;

/** Keywords that a name follows. */
const BEFORE_NAMES = ['/delete-node/', '/delete-property/', '/omit-if-no-ref/'];

export class DtsLexer {
  readonly #text: string;
  readonly #source: SourceText;
  #at = 0;
  #mode: Mode = 'name';
  #ahead: DtsToken | undefined;

  constructor(text: string, source: SourceText) {
    this.#text = text;
    this.#source = source;
  }

  origin(token: DtsToken): Origin {
    return this.#source.originAt(token.offset);
  }

  peek(): DtsToken {
    this.#ahead ??= this.#scan();
    return this.#ahead;
  }

  next(): DtsToken {
    const token = this.peek();
    this.#ahead = undefined;
    return token;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }

  #scan(): DtsToken {
    this.#at += this.#match(SPACE)?.[0].length ?? 0;
    if (this.#at >= this.#text.length) return { kind: 'end', text: 'the end of the file', offset: this.#text.length };
    if (this.#text[this.#at] === '"') return this.#string();
    return (
      this.#word() ??
      (this.#mode === 'name' ? this.#name() : this.#mode === 'byte' ? this.#byte() : this.#value()) ??
      this.#operator()
    );
  }

  #token(kind: DtsKind, text: string, length: number, value?: bigint | undefined): DtsToken {
    const token = { kind, text, value, offset: this.#at };
    this.#at += length;
    return token;
  }

  /** What reads the same in every mode. */
  #word(): DtsToken | undefined {
    const keyword = this.#match(KEYWORD);
    if (keyword !== null) {
      this.#mode = BEFORE_NAMES.includes(keyword[0]) ? 'name' : 'value';
      return this.#token('keyword', keyword[0], keyword[0].length);
    }
    const patterns = [
      ['label', LABEL],
      ['labelRef', LABEL_REF],
      ['pathRef', PATH_REF],
    ] as const;
    for (const [kind, pattern] of patterns) {
      const found = this.#match(pattern);
      if (found !== null) return this.#token(kind, found[1]!, found[0].length);
    }
    return undefined;
  }

  #name(): DtsToken | undefined {
    const found = this.#match(NAME);
    if (found === null) return undefined;
    this.#mode = 'value';
    return this.#token('name', found[1]!, found[0].length);
  }

  #byte(): DtsToken | undefined {
    const found = this.#match(BYTE);
    return found === null ? undefined : this.#token('byte', found[0], 2);
  }

  #value(): DtsToken | undefined {
    const number = this.#match(NUMBER)?.[0];
    if (number !== undefined) return this.#number(number, integer(number), 'a 64-bit integer with C prefix and suffix');
    const char = this.#text[this.#at] === "'" ? this.#match(CHAR)?.[0] : undefined;
    return char === undefined ? undefined : this.#number(char, character(char), 'one character');
  }

  #number(text: string, value: bigint | undefined, expected: string): DtsToken {
    const token = this.#token('number', text, text.length, value);
    if (value !== undefined) return token;
    throw new DeviceTreeError(this.origin(token), `${shorten(text)} is no number`, { expected });
  }

  #operator(): DtsToken {
    const [text] = this.#match(OPERATOR)!;
    if (text === '{' || text === ';') this.#mode = 'name';
    if (text === '[') this.#mode = 'byte';
    if (text === ']') this.#mode = 'value';
    return this.#token('punctuator', text, text.length);
  }

  #string(): DtsToken {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    return this.#token('string', withoutEscapes(this.#text.slice(this.#at + 1, end)), end + 1 - this.#at);
  }
}

/** How an error names a token. */
export function describe(token: DtsToken): string {
  switch (token.kind) {
    case 'end':
      return token.text;
    case 'string':
      return `string "${shorten(token.text)}"`;
    case 'label':
      return `label '${shorten(token.text)}:'`;
    case 'labelRef':
      return `'&${shorten(token.text)}'`;
    case 'pathRef':
      return `'&{${shorten(token.text)}}'`;
    default:
      return `'${shorten(token.text)}'`;
  }
}

function shorten(text: string): string {
  const printable = text.slice(0, 40).replace(/[^ -~]/g, '?');
  return text.length > 40 ? `${printable}…` : printable;
}
