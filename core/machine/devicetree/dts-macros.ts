/**
 * Macros: their definitions, and expansion with hide sets, so that no macro expands within itself.
 * Reference: ISO/IEC 9899:2011, 6.10.3; the algorithm is that of D. Prosser's note to X3J11 (86-196).
 */

import { type Token, tokenLines } from './dts-tokens.ts';
import { DeviceTreeError } from './error.ts';

interface Macro {
  /** None for an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean;
  readonly body: readonly Token[];
}

/** Deepest nesting of expansions and of calls in arguments. */
const MAX_NESTING = 200;
/** Characters that all expansions together may make. */
const MAX_EXPANSION = 2_000_000;

const NONE: ReadonlySet<string> = new Set();

export class Macros {
  readonly #macros = new Map<string, Macro>();
  #made = 0;
  #nesting = 0;

  has(name: string): boolean {
    return this.#macros.has(name);
  }

  undefine(name: string): void {
    this.#macros.delete(name);
  }

  /** Takes what follows `#define`. */
  define(line: readonly Token[], directive: Token): void {
    const [name, open] = line;
    if (name?.kind !== 'name' || name.text === 'defined')
      throw fault(name ?? directive, `#define ${name?.text ?? ''} defines nothing`, 'a name');
    if (open === undefined || open.text !== '(' || open.space) {
      this.#macros.set(name.text, { parameters: undefined, variadic: false, body: line.slice(1) });
      return;
    }
    const close = line.findIndex((token) => token.text === ')');
    if (close < 0) throw fault(open, `parameters of macro ${name.text} do not end`, "')'");
    this.#macros.set(name.text, { ...parametersOf(line.slice(2, close), name), body: line.slice(close + 1) });
  }

  /** Expands all macros in a run of tokens. */
  expand(input: readonly Token[]): Token[] {
    const pending = [...input].reverse();
    const out: Token[] = [];
    for (let token = pending.pop(); token !== undefined; token = pending.pop()) {
      const macro = token.kind === 'name' && !token.hidden?.has(token.text) ? this.#macros.get(token.text) : undefined;
      if (macro === undefined) out.push(token);
      else if (macro.parameters === undefined) this.#replace(token, macro, [], token.hidden ?? NONE, pending);
      else if (pending.at(-1)?.text === '(') this.#call(token, macro, pending);
      else out.push(token);
    }
    return out;
  }

  #call(name: Token, macro: Macro, pending: Token[]): void {
    const { values, close } = takeArguments(name, pending);
    const wanted = macro.parameters!.length;
    const given = wanted === 0 && values.length === 1 && values[0]!.length === 0 ? [] : values;
    if (macro.variadic && given.length > wanted) given.splice(wanted - 1, Infinity, commaJoined(given.slice(wanted - 1)));
    if (macro.variadic && given.length === wanted - 1) given.push([]);
    if (given.length !== wanted) throw fault(name, `macro ${name.text} is given ${given.length} arguments`, `${wanted}`);
    const outer = name.hidden ?? NONE;
    this.#replace(name, macro, given, new Set([...outer].filter((hidden) => close.hidden?.has(hidden))), pending);
  }

  /** Puts the macro's text back in front of what is still to be read. */
  #replace(name: Token, macro: Macro, values: readonly Token[][], outer: ReadonlySet<string>, pending: Token[]): void {
    const hidden = new Set([...outer, name.text]);
    if (hidden.size > MAX_NESTING) throw fault(name, `macros are nested deeper than ${MAX_NESTING}`);
    const unions = new Map<ReadonlySet<string>, ReadonlySet<string>>([[NONE, hidden]]);
    const text = this.#substitute(name, macro, values);
    for (let index = text.length - 1; index >= 0; index--) {
      const token = text[index]!;
      const own = token.hidden ?? NONE;
      const union = unions.get(own) ?? new Set([...own, ...hidden]);
      unions.set(own, union);
      this.#charge(token, name);
      pending.push({ ...token, space: index === 0 ? name.space : token.space, expanded: true, hidden: union });
    }
  }

  #charge(token: Token, at: Token): void {
    this.#made += 1 + token.text.length;
    if (this.#made > MAX_EXPANSION) throw fault(at, `macros expand to more than ${MAX_EXPANSION} characters`);
  }

  #substitute(name: Token, macro: Macro, values: readonly Token[][]): Token[] {
    const { body, parameters = [] } = macro;
    const here = { file: name.file, line: name.line, column: name.column };
    const expanded = new Map<number, Token[]>();
    const out: Token[] = [];
    for (let index = 0; index < body.length; index++) {
      const token = body[index]!;
      const next = body[index + 1];
      if (token.text === '#' && macro.parameters !== undefined && next !== undefined && parameters.includes(next.text)) {
        out.push({ ...stringified(values[parameters.indexOf(next.text)]!), ...here, space: token.space });
        index++;
      } else if (token.text === '##' && out.length > 0 && next !== undefined) {
        const which = parameters.indexOf(next.text);
        paste(out, which < 0 ? [{ ...next, ...here }] : values[which]!, (made) => this.#charge(made, name));
        index++;
      } else {
        const which = token.kind === 'name' ? parameters.indexOf(token.text) : -1;
        const text =
          which < 0 ? [{ ...token, ...here }] : this.#argument(values[which]!, which, token, next?.text === '##', expanded);
        for (const part of text) out.push(part);
      }
      if (out.length > MAX_EXPANSION) throw fault(name, `macros expand to more than ${MAX_EXPANSION} characters`);
    }
    return out.filter((token) => token.text !== '');
  }

  /** An argument where its parameter stands: expanded, unless it is to be pasted. */
  #argument(value: Token[], which: number, at: Token, pasted: boolean, expanded: Map<number, Token[]>): Token[] {
    if (pasted && value.length === 0) return [{ ...at, text: '', kind: 'punctuator' }];
    if (!pasted && !expanded.has(which)) {
      if (++this.#nesting > MAX_NESTING) throw fault(at, `macro calls are nested deeper than ${MAX_NESTING}`);
      expanded.set(which, this.expand(value));
      this.#nesting--;
    }
    const tokens = pasted ? value : expanded.get(which)!;
    for (const token of tokens) this.#charge(token, at);
    return tokens.map((token, index) => (index === 0 ? { ...token, space: at.space } : token));
  }
}

function fault(token: Token, problem: string, expected?: string): DeviceTreeError {
  return new DeviceTreeError(token, problem, { expected });
}

function parametersOf(tokens: readonly Token[], name: Token): { parameters: string[]; variadic: boolean } {
  const texts = tokens.map((token) => token.text);
  const parameters = texts.filter((_, index) => index % 2 === 0);
  const variadic = parameters.at(-1) === '...';
  if (variadic) parameters[parameters.length - 1] = '__VA_ARGS__';
  const separated =
    texts.every((text, index) => index % 2 === 0 || text === ',') && (texts.length === 0 || texts.length % 2 === 1);
  if (!separated || !parameters.every((parameter) => /^[A-Za-z_$]/.test(parameter))) {
    throw fault(name, `parameters of macro ${name.text} are malformed`, 'names with commas between them');
  }
  return { parameters, variadic };
}

/** Takes the parenthesised arguments off the input. */
function takeArguments(name: Token, pending: Token[]): { values: Token[][]; close: Token } {
  pending.pop();
  const values: Token[][] = [[]];
  let depth = 1;
  for (let token = pending.pop(); token !== undefined; token = pending.pop()) {
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return { values, close: token };
    if (token.text === ',' && depth === 1) values.push([]);
    else values.at(-1)!.push(token);
  }
  throw fault(name, `arguments of macro ${name.text} do not end`, "')'");
}

function commaJoined(values: readonly Token[][]): Token[] {
  const [first = [], ...rest] = values;
  const out = [...first];
  for (const value of rest) {
    const at = value[0] ?? out.at(-1);
    if (at !== undefined) out.push({ ...at, kind: 'punctuator', text: ',', space: false });
    for (const token of value) out.push(token);
  }
  return out;
}

function stringified(value: readonly Token[]): { kind: 'string'; text: string } {
  const texts = value.map(({ kind, text, space }, index) => {
    const quoted = kind === 'string' || kind === 'char' ? text.replace(/["\\]/g, '\\$&') : text;
    return space && index > 0 ? ` ${quoted}` : quoted;
  });
  return { kind: 'string', text: `"${texts.join('')}"` };
}

/** `##`: joins the last token so far with the first of those that follow. */
function paste(out: Token[], following: readonly Token[], charge: (made: Token) => void): void {
  const [first, ...rest] = following;
  if (first === undefined) return;
  const left = out.pop()!;
  const made = { ...left, text: left.text + first.text };
  charge(made);
  const joined = tokenLines(made.text, left.file).flat();
  for (const [index, token] of joined.entries()) {
    out.push({ ...token, file: left.file, line: left.line, column: left.column, space: index === 0 ? left.space : token.space });
  }
  for (const token of rest) out.push(token);
}
