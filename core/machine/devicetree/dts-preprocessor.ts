/**
 * The C preprocessor, as far as sources of device trees and their bindings' headers use it, and `/include/`.
 * Reference: ISO/IEC 9899:2011, 6.10.
 */

import { evaluate, type Operand } from './dts-expression.ts';
import { character, integer, withoutEscapes } from './dts-literals.ts';
import { Macros } from './dts-macros.ts';
import { SourceText } from './dts-text.ts';
import { type Token, tokenLines } from './dts-tokens.ts';
import { DeviceTreeError, type Origin } from './error.ts';
import { fromLatin1 } from './text.ts';

/** The core knows no file system: whoever reads a source says how files are found. */
export interface Files {
  readFile(path: string): Uint8Array | undefined;
  /** Folders that includes are looked for in after that of the including file. */
  readonly includeDirs?: readonly string[];
}

const MAX_INCLUDE_DEPTH = 64;
const MAX_INCLUDES = 4096;
/** Bytes that all files read for one tree may have together. */
const MAX_BYTES = 32 * 1024 * 1024;

const DIRECTIVES = 'define undef include if ifdef ifndef elif else endif error warning pragma line'.split(' ');

/** One #if group. */
interface Group {
  readonly origin: Origin;
  /** Whether the lines around the group are read. */
  readonly outer: boolean;
  active: boolean;
  /** Whether a branch has been taken. */
  taken: boolean;
  elseSeen: boolean;
}

export class Preprocessor {
  readonly #files: Files;
  readonly #macros = new Macros();
  readonly #text = new SourceText();
  #run: Token[] = [];
  #depth = 0;
  #includes = 0;
  #bytes = 0;

  constructor(files: Files) {
    this.#files = files;
    this.#macros.define(tokenLines('__DTS__ 1', '<built-in>')[0]!, tokenLines('#', '<built-in>')[0]![0]!);
  }

  /** Reads a file with all that it includes. */
  process(file: string): { text: string; source: SourceText } {
    const bytes = this.load(file);
    if (bytes === undefined) {
      throw new DeviceTreeError({ file, line: 0, column: 0 }, 'cannot be read', { advice: 'Check that the file exists.' });
    }
    const end = this.#file(bytes, file);
    return { text: this.#text.finish(end), source: this.#text };
  }

  load(path: string): Uint8Array | undefined {
    const bytes = this.#files.readFile(path);
    this.#bytes += bytes?.length ?? 0;
    if (this.#bytes <= MAX_BYTES) return bytes;
    throw new DeviceTreeError(
      { file: path, line: 0, column: 0 },
      `brings the files of this tree to more than ${MAX_BYTES} bytes`,
    );
  }

  /** Finds an included file; `near` says whether the folder of the including one comes first. */
  find(name: string, origin: Origin, near: boolean): { path: string; bytes: Uint8Array } {
    const own = origin.file.includes('/') ? origin.file.slice(0, origin.file.lastIndexOf('/')) : '';
    const folders = [...(near ? [own] : []), ...(this.#files.includeDirs ?? [])];
    const paths = name.startsWith('/')
      ? [name]
      : folders.map((folder) => (folder === '' ? name : `${folder.replace(/\/$/, '')}/${name}`));
    for (const path of paths) {
      const bytes = this.load(path);
      if (bytes !== undefined) return { path, bytes };
    }
    const advice = `Looked for ${paths.length === 0 ? 'it nowhere: there are no include folders' : paths.join(', ')}.`;
    throw new DeviceTreeError(origin, `file '${name}' is not found`, { advice });
  }

  #include(name: string, origin: Origin, near: boolean): void {
    if (++this.#includes > MAX_INCLUDES) throw new DeviceTreeError(origin, `more than ${MAX_INCLUDES} files are included`);
    if (this.#depth >= MAX_INCLUDE_DEPTH) {
      throw new DeviceTreeError(origin, `files include each other deeper than ${MAX_INCLUDE_DEPTH}`, {
        advice: 'Guard the file with #ifndef.',
      });
    }
    const { path, bytes } = this.find(name, origin, near);
    this.#file(bytes, path);
  }

  /** Returns where the file ends. */
  #file(bytes: Uint8Array, file: string): Origin {
    this.#depth++;
    const groups: Group[] = [];
    let moved: { file: string; lines: number } | undefined;
    const lines = tokenLines(fromLatin1(bytes), file);
    for (let line of lines) {
      if (moved !== undefined) line = relocated(line, moved.file, moved.lines);
      const directive = directiveOf(line);
      if (directive === undefined) {
        if (groups.at(-1)?.active !== false) this.#plain(line);
        continue;
      }
      this.#flush();
      if (directive.kind === 'number') moved = lineMarker(line, moved?.lines ?? 0) ?? moved;
      else this.#directive(directive, line.slice(2), groups);
    }
    const open = groups.at(-1);
    if (open !== undefined) throw new DeviceTreeError(open.origin, 'conditional does not end', { expected: '#endif' });
    this.#flush();
    this.#depth--;
    return { file: moved?.file ?? file, line: lines.length + (moved?.lines ?? 0), column: 1 };
  }

  #flush(): void {
    for (const token of this.#macros.expand(this.#run)) this.#text.push(token);
    this.#run = [];
  }

  #plain(line: readonly Token[]): void {
    for (let index = 0; index < line.length; index++) {
      const name = line[index + 3];
      if (isInclude(line, index) && name?.kind === 'string') {
        this.#flush();
        this.#include(withoutEscapes(name.text.slice(1, -1)), name, true);
        index += 3;
      } else this.#run.push(line[index]!);
    }
  }

  #directive(directive: Token, rest: readonly Token[], groups: Group[]): void {
    const group = groups.at(-1);
    const active = group?.active !== false;
    if (directive.text.startsWith('if')) {
      const taken = active && this.#opens(directive, rest);
      groups.push({ origin: directive, outer: active, active: taken, taken, elseSeen: false });
    } else if (['elif', 'else', 'endif'].includes(directive.text)) this.#branch(directive, rest, groups);
    else if (active) this.#act(directive, rest);
  }

  #act(directive: Token, rest: readonly Token[]): void {
    const [first] = rest;
    switch (directive.text) {
      case 'define':
        this.#macros.define(rest, directive);
        break;
      case 'undef':
        this.#macros.undefine(nameAfter(directive, first));
        break;
      case 'include':
        this.#includeLine(directive, rest);
        break;
      case 'error':
        throw new DeviceTreeError(directive, `#error ${rest.map(({ text }) => text).join(' ')}`);
    }
  }

  #includeLine(directive: Token, rest: readonly Token[]): void {
    const line = rest[0]?.kind === 'string' || rest[0]?.text === '<' ? rest : this.#macros.expand(rest);
    const close = line.findIndex((token) => token.text === '>');
    const [first] = line;
    if (first?.kind === 'string') this.#include(first.text.slice(1, -1), first, true);
    else if (first?.text === '<' && close > 0) {
      const name = line.slice(1, close).map(({ text, space }, index) => (space && index > 0 ? ` ${text}` : text));
      this.#include(name.join(''), first, false);
    } else throw new DeviceTreeError(directive, '#include names no file', { expected: '"file" or <file>' });
  }

  /** Whether #if, #ifdef or #ifndef lets its lines through. */
  #opens(directive: Token, rest: readonly Token[]): boolean {
    if (directive.text === 'if') return this.#condition(directive, rest);
    return this.#macros.has(nameAfter(directive, rest[0])) === (directive.text === 'ifdef');
  }

  #branch(directive: Token, rest: readonly Token[], groups: Group[]): void {
    const group = groups.at(-1);
    if (group === undefined) throw new DeviceTreeError(directive, `#${directive.text} has no #if before it`);
    if (directive.text === 'endif') {
      groups.pop();
      return;
    }
    if (group.elseSeen) throw new DeviceTreeError(directive, `#${directive.text} follows #else`, { expected: '#endif' });
    group.elseSeen = directive.text === 'else';
    group.active = group.outer && !group.taken && (group.elseSeen || this.#condition(directive, rest));
    group.taken ||= group.active;
  }

  #condition(directive: Token, rest: readonly Token[]): boolean {
    const tokens = this.#macros.expand(this.#definedReplaced(rest));
    let at = 0;
    const peek = () => operand(tokens[at]);
    const fail = (problem: string, expected?: string) => {
      return new DeviceTreeError(tokens[at] ?? directive, `#${directive.text}: ${problem}`, { expected });
    };
    const source = { peek, fail, next: () => operand(tokens[at++]) };
    const value = evaluate(source, true);
    if (at < tokens.length) throw fail(`found ${tokens[at]!.text}`, 'the end of the line');
    return value !== 0n;
  }

  #definedReplaced(line: readonly Token[]): Token[] {
    const out: Token[] = [];
    for (let index = 0; index < line.length; index++) {
      const token = line[index]!;
      if (token.text === 'defined') {
        const wrapped = line[index + 1]?.text === '(' && line[index + 3]?.text === ')';
        const name = nameAfter(token, line[index + (wrapped ? 2 : 1)]);
        out.push({ ...token, kind: 'number', text: this.#macros.has(name) ? '1' : '0' });
        index += wrapped ? 3 : 1;
      } else out.push(token);
    }
    return out;
  }
}

function nameAfter(directive: Token, token: Token | undefined): string {
  if (token?.kind === 'name') return token.text;
  throw new DeviceTreeError(token ?? directive, `${directive.text} is followed by no name`, { expected: 'the name of a macro' });
}

/** The word of a directive; the number of a line marker. Property names such as `#size-cells` are neither. */
function directiveOf(line: readonly Token[]): Token | undefined {
  const [hash, word] = line;
  if (hash?.text !== '#' || word === undefined) return undefined;
  if (word.kind === 'number' && line[2]?.kind === 'string') return word;
  const glued = line[2]?.text === '-' && !line[2].space;
  return word.kind === 'name' && DIRECTIVES.includes(word.text) && !glued ? word : undefined;
}

function isInclude(line: readonly Token[], index: number): boolean {
  const [open, word, close] = [line[index], line[index + 1], line[index + 2]];
  return open?.text === '/' && word?.text === 'include' && close?.text === '/' && !word.space && !close.space;
}

/** `# 12 "file"`: the next line is line 12 of that file. */
function lineMarker(line: readonly Token[], already: number): { file: string; lines: number } | undefined {
  const number = Number(line[1]!.text);
  const file = withoutEscapes(line[2]!.text.slice(1, -1));
  const physical = line[1]!.line - already;
  return Number.isSafeInteger(number) ? { file, lines: number - physical - 1 } : undefined;
}

function relocated(line: readonly Token[], file: string, lines: number): Token[] {
  return line.map((token) => ({ ...token, file, line: token.line + lines }));
}

/** A token as an operand of #if; a name that is no macro counts as 0. */
function operand(token: Token | undefined): Operand {
  if (token === undefined) return { text: '', shown: 'the end of the line' };
  return { text: token.text, shown: `'${token.text}'`, value: literalValue(token) };
}

function literalValue({ kind, text }: Token): bigint | undefined {
  if (kind === 'name') return 0n;
  if (kind === 'number') return integer(text.toUpperCase().replace('LU', 'UL'));
  return kind === 'char' ? character(text) : undefined;
}
