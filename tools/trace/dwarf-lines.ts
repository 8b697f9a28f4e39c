/** Which line of which source an instruction came from: .debug_line of DWARF 2 to 5. Reference: DWARF 5, 6.2 (line number information). */
import { DwarfReader, type Strings } from './dwarf-reader.ts';
import { compileFolders } from './dwarf-units.ts';
import type { ElfSections } from './elf-sections.ts';

/** From `address` up to `end` (not included). */
export interface LineRange {
  readonly address: number;
  readonly end: number;
  readonly file: string;
  readonly line: number;
}

const OP = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
  negate_stmt: 6,
  set_basic_block: 7,
  const_add_pc: 8,
  fixed_advance_pc: 9,
} as const;
const EXTENDED = { end_sequence: 1, set_address: 2, define_file: 3 } as const;
const CONTENT = { path: 1, directory_index: 2 } as const;

/** All ranges of the program with a line, in the order of their tables; undefined if there is no line information. */
export function readLines(elf: ElfSections): LineRange[] | undefined {
  const lines = elf.bytes('.debug_line');
  if (lines === undefined || lines.length === 0) return undefined;
  const empty = new Uint8Array();
  const strings = { str: elf.bytes('.debug_str') ?? empty, lineStr: elf.bytes('.debug_line_str') ?? empty };
  const folders = compileFolders(elf.bytes('.debug_info') ?? empty, elf.bytes('.debug_abbrev') ?? empty, strings);
  const reader = new DwarfReader(lines);
  const ranges: LineRange[] = [];
  while (reader.at + 4 < reader.length) {
    const start = reader.at;
    const end = reader.u32() + reader.at;
    ranges.push(...new LineProgram(reader, end, strings, folders.get(start) ?? '').run());
    reader.at = end;
  }
  return ranges.filter(({ address }) => elf.isCode(address));
}

/** The registers of the line-number state machine that matter here. */
interface Row {
  address: number;
  file: number;
  line: number;
}

class LineProgram {
  readonly #reader: DwarfReader;
  readonly #end: number;
  readonly #version: number;
  readonly #minimum: number;
  readonly #lineBase: number;
  readonly #lineRange: number;
  readonly #opcodeBase: number;
  readonly #lengths: readonly number[];
  readonly #folders: string[];
  readonly #files: { readonly name: string; readonly folder: number }[];

  constructor(reader: DwarfReader, end: number, strings: Strings, compiledIn: string) {
    this.#reader = reader;
    this.#end = end;
    this.#version = reader.u16();
    if (this.#version < 2 || this.#version > 5) throw new RangeError(`line tables of DWARF ${this.#version}`);
    if (this.#version >= 5) reader.at += 2;
    const program = reader.u32() + reader.at;
    this.#minimum = reader.u8();
    if (this.#version >= 4) reader.u8();
    reader.u8();
    this.#lineBase = reader.i8();
    this.#lineRange = reader.u8();
    this.#opcodeBase = reader.u8();
    this.#lengths = Array.from({ length: this.#opcodeBase - 1 }, () => reader.u8());
    if (this.#version >= 5) {
      this.#folders = readTable(reader, strings).map(({ name }) => name);
      this.#files = readTable(reader, strings);
    } else {
      this.#folders = [compiledIn, ...readNames(reader)];
      this.#files = [{ name: '', folder: 0 }, ...readFiles(reader)];
    }
    reader.at = program;
  }

  *run(): Generator<LineRange> {
    const reader = this.#reader;
    let row: Row = { address: 0, file: 1, line: 1 };
    let before: Row | undefined;
    while (reader.at < this.#end) {
      const emitted = this.#step(row);
      if (emitted === undefined) continue;
      if (before !== undefined && before.line > 0 && row.address > before.address) yield this.#range(before, row.address);
      before = emitted === 'row' ? { ...row } : undefined;
      if (emitted === 'end') row = { address: 0, file: 1, line: 1 };
    }
  }

  /** One opcode; what it adds to the table. */
  #step(row: Row): 'row' | 'end' | undefined {
    const reader = this.#reader;
    const opcode = reader.u8();
    if (opcode === 0) return this.#extended(row);
    if (opcode >= this.#opcodeBase) {
      const adjusted = opcode - this.#opcodeBase;
      row.address += Math.floor(adjusted / this.#lineRange) * this.#minimum;
      row.line += this.#lineBase + (adjusted % this.#lineRange);
      return 'row';
    }
    if (opcode === OP.copy) return 'row';
    if (opcode === OP.advance_pc) row.address += reader.uleb() * this.#minimum;
    else if (opcode === OP.advance_line) row.line += reader.sleb();
    else if (opcode === OP.set_file) row.file = reader.uleb();
    else if (opcode === OP.const_add_pc) row.address += Math.floor((255 - this.#opcodeBase) / this.#lineRange) * this.#minimum;
    else if (opcode === OP.fixed_advance_pc) row.address += reader.u16();
    else for (let i = 0; i < (this.#lengths[opcode - 1] as number); i++) reader.uleb();
    return undefined;
  }

  #extended(row: Row): 'end' | undefined {
    const reader = this.#reader;
    const length = reader.uleb();
    const next = reader.at + length;
    const opcode = reader.u8();
    if (opcode === EXTENDED.set_address) row.address = reader.u32();
    else if (opcode === EXTENDED.define_file) this.#files.push(readFile(reader, reader.string()));
    reader.at = next;
    return opcode === EXTENDED.end_sequence ? 'end' : undefined;
  }

  #range({ address, file, line }: Row, end: number): LineRange {
    const { name, folder } = this.#files[file] ?? { name: '', folder: 0 };
    const own = this.#folders[folder] ?? '';
    return { address, end, line, file: joined(joined(this.#folders[0] ?? '', own), name) };
  }
}

/** DWARF 5: the entries say which contents they have, and in which forms. */
function readTable(reader: DwarfReader, strings: Strings): { readonly name: string; readonly folder: number }[] {
  const formats = Array.from({ length: reader.u8() }, () => [reader.uleb(), reader.uleb()] as const);
  return Array.from({ length: reader.uleb() }, () => {
    let [name, folder] = ['', 0];
    for (const [content, form] of formats) {
      const value = reader.form(form, strings);
      if (content === CONTENT.path) name = `${value}`;
      else if (content === CONTENT.directory_index) folder = Number(value);
    }
    return { name, folder };
  });
}

function* readNames(reader: DwarfReader): Generator<string> {
  for (let name = reader.string(); name !== ''; name = reader.string()) yield name;
}

function* readFiles(reader: DwarfReader): Generator<{ readonly name: string; readonly folder: number }> {
  for (let name = reader.string(); name !== ''; name = reader.string()) yield readFile(reader, name);
}

function readFile(reader: DwarfReader, name: string): { readonly name: string; readonly folder: number } {
  const folder = reader.uleb();
  reader.uleb();
  reader.uleb();
  return { name, folder };
}

const joined = (folder: string, name: string): string =>
  folder === '' || name.startsWith('/') || folder === name ? name : `${folder}/${name}`;
