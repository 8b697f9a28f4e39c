/** The text that comes out of the preprocessor, with the place in the sources that each part came from. */

import type { Token } from './dts-tokens.ts';
import type { Origin } from './error.ts';

export class SourceText {
  readonly #parts: string[] = [];
  readonly #starts: number[] = [];
  readonly #origins: Origin[] = [];
  #length = 0;
  #last: Token | undefined;

  push(token: Token): void {
    if (token.space || (this.#last !== undefined && wouldMerge(this.#last, token))) this.#append(' ');
    this.#starts.push(this.#length);
    this.#origins.push(token);
    this.#append(token.text);
    this.#last = token;
  }

  /** Ends the text; the origin is where it ends in the sources. */
  finish(end: Origin): string {
    this.#append(' ');
    this.#starts.push(this.#length);
    this.#origins.push(end);
    return this.#parts.join('');
  }

  /** Where the token that covers this offset of the text stands. */
  originAt(offset: number): Origin {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    const { file, line, column } = this.#origins[low]!;
    return { file, line, column };
  }

  #append(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }
}

/** Whether two tokens that a macro put side by side would read as one. */
function wouldMerge(left: Token, right: Token): boolean {
  if (!left.expanded && !right.expanded) return false;
  const pair = `${left.text.at(-1)}${right.text[0]}`;
  return /^\w\w$/.test(pair) || /^(?:--|\+\+|<<|>>|&&|\|\||[<>=!]=|##|\/\/|\/\*)$/.test(pair);
}
