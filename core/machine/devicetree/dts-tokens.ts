/**
 * Cuts a source into preprocessing tokens, line by line, as the C preprocessor does for assembler: comments become white
 * space, backslash-newline vanishes, a lone apostrophe is no fault.
 * Reference: ISO/IEC 9899:2011, 5.1.1.2 and 6.4.
 */
import { DeviceTreeError, type Origin } from './error.ts';

export interface Token extends Origin {
  readonly kind: 'name' | 'number' | 'string' | 'char' | 'punctuator';
  readonly text: string;
  /** Whether white space stands before it. */
  readonly space: boolean;
  /** Whether a macro has put it beside its neighbours. */
  readonly expanded?: boolean;
  /** Macros that this token came out of, which do not expand in it again. */
  readonly hidden?: ReadonlySet<string>;
}

const NAME = /[A-Za-z_$][\w$]*/y;
const NUMBER = /\.?\d[\w.]*/y;
const CHAR = /'(?:[^'\\\n]|\\.)+'/y;
const PUNCTUATOR = /\.\.\.|##|<<|>>|<=|>=|==|!=|&&|\|\||./sy;
const SPACE = /[^\S\n]+/y;

/** Longest character literal that is looked for; a longer one is an apostrophe. */
const CHAR_WINDOW = 32;

/** The tokens of each line; lines that a comment or a string joins are one. */
export function tokenLines(source: string, file: string): Token[][] {
  return new Tokenizer(source, file).lines();
}

class Tokenizer {
  readonly #source: string;
  readonly #file: string;
  readonly #lines: Token[][] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(source: string, file: string) {
    this.#source = source;
    this.#file = file;
  }

  lines(): Token[][] {
    let tokens: Token[] = [];
    let space = true;
    while (this.#at < this.#source.length) {
      if (this.#source[this.#at] === '\n') {
        this.#skipTo(this.#at + 1);
        this.#lines.push(tokens);
        tokens = [];
        space = true;
      } else if (this.#skipWhite()) space = true;
      else if (!this.#skipSplice()) {
        tokens.push(this.#token(space));
        space = false;
      }
    }
    this.#lines.push(tokens);
    return this.#lines;
  }

  #origin(): Origin {
    return { file: this.#file, line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  /** Moves on over something that may hold newlines, counting lines. */
  #skipTo(end: number): void {
    for (let newline = this.#source.indexOf('\n', this.#at); newline >= 0 && newline < end; ) {
      this.#line++;
      this.#lineStart = newline + 1;
      newline = this.#source.indexOf('\n', newline + 1);
    }
    this.#at = end;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source)?.[0];
  }

  #skipWhite(): boolean {
    const white = this.#match(SPACE);
    if (white !== undefined) {
      this.#at += white.length;
      return true;
    }
    if (this.#source.startsWith('//', this.#at)) {
      const end = this.#source.indexOf('\n', this.#at);
      this.#at = end < 0 ? this.#source.length : end;
      return true;
    }
    if (!this.#source.startsWith('/*', this.#at)) return false;
    const end = this.#source.indexOf('*/', this.#at + 2);
    if (end < 0) throw new DeviceTreeError(this.#origin(), 'comment does not end', { expected: "'*/'" });
    this.#skipTo(end + 2);
    return true;
  }

  #skipSplice(): boolean {
    const length = this.#source.startsWith('\\\n', this.#at) ? 2 : this.#source.startsWith('\\\r\n', this.#at) ? 3 : 0;
    if (length > 0) this.#skipTo(this.#at + length);
    return length > 0;
  }

  #token(space: boolean): Token {
    const origin = this.#origin();
    const [kind, text] = this.#scan(origin);
    const { file, line, column } = origin;
    if (kind === 'string') this.#skipTo(this.#at + text.length);
    else this.#at += text.length;
    return { kind, text, space, file, line, column };
  }

  #scan(origin: Origin): [Token['kind'], string] {
    if (this.#source[this.#at] === '"') return ['string', this.#string(origin)];
    const name = this.#match(NAME);
    if (name !== undefined) return ['name', name];
    const number = this.#match(NUMBER);
    if (number !== undefined) return ['number', number];
    const char = this.#source[this.#at] === "'" ? this.#char() : undefined;
    return char === undefined ? ['punctuator', this.#match(PUNCTUATOR)!] : ['char', char];
  }

  #char(): string | undefined {
    CHAR.lastIndex = 0;
    return CHAR.exec(this.#source.slice(this.#at, this.#at + CHAR_WINDOW))?.[0];
  }

  /** To the closing quote. As in dtc, a string may run over lines. */
  #string(origin: Origin): string {
    for (let end = this.#at + 1; end < this.#source.length; end++) {
      if (this.#source[end] === '"') return this.#source.slice(this.#at, end + 1);
      if (this.#source[end] === '\\') end++;
    }
    throw new DeviceTreeError(origin, 'string does not end', { expected: `'"'`, advice: 'Close the string on this line.' });
  }
}
