/** The folders in which units were compiled, by where their line tables are: tables before DWARF 5 do not tell. Reference: DWARF 5, 7.5. */
import { DwarfReader, type Strings } from './dwarf-reader.ts';

const DW_AT = { stmt_list: 0x10, comp_dir: 0x1b } as const;
const UNIT_TYPE_COMPILE = 1;

type Attribute = readonly [name: number, form: number];

export function compileFolders(info: Uint8Array, abbreviations: Uint8Array, strings: Strings): Map<number, string> {
  const folders = new Map<number, string>();
  const reader = new DwarfReader(info);
  while (reader.at + 11 <= reader.length) {
    const end = reader.u32() + reader.at;
    const version = reader.u16();
    const type = version >= 5 ? reader.u8() : UNIT_TYPE_COMPILE;
    if (version >= 5) reader.at += 1;
    const table = reader.u32();
    if (version < 5) reader.at += 1;
    if (type === UNIT_TYPE_COMPILE) readUnit(reader, firstAttributes(abbreviations, table, reader.uleb()), strings, folders);
    reader.at = end;
  }
  return folders;
}

/** The unit's own entry comes first. One with a form of later standards is passed over. */
function readUnit(reader: DwarfReader, attributes: readonly Attribute[], strings: Strings, folders: Map<number, string>): void {
  const values = new Map<number, number | string | undefined>();
  try {
    for (const [name, form] of attributes) values.set(name, reader.form(form, strings));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const [table, folder] = [values.get(DW_AT.stmt_list), values.get(DW_AT.comp_dir)];
  if (typeof table === 'number' && typeof folder === 'string') folders.set(table, folder);
}

function firstAttributes(abbreviations: Uint8Array, at: number, code: number): Attribute[] {
  const reader = new DwarfReader(abbreviations, at);
  for (;;) {
    const found = reader.uleb();
    if (found === 0) return [];
    reader.uleb();
    reader.u8();
    const attributes = [...readAttributes(reader)];
    if (found === code) return attributes;
  }
}

function* readAttributes(reader: DwarfReader): Generator<Attribute> {
  for (;;) {
    const [name, form] = [reader.uleb(), reader.uleb()];
    if (name === 0 && form === 0) return;
    if (form === IMPLICIT_CONST) reader.sleb();
    yield [name, form];
  }
}

const IMPLICIT_CONST = 0x21;
