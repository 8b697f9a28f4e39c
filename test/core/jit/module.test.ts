/** The modules that the translator makes, as those read them who compile them. */
import { expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { CodeCache } from '../../../core/cpu/code-cache.ts';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { AT_ONCE, Translations } from '../../../core/jit/translations.ts';

const [ADD, VADD, VMUL, RETURN] = [0xe2800001, 0xee300a81, 0xee200a81, 0xe12fff1e];
const [CUSTOM, IMPORTS, CODE] = [0, 2, 10];
const [IF, BR_IF] = [0x04, 0x0d];

/** The module of a batch with a region for each program, which begin at 0, 64, 128 …. */
function moduleOf(...programs: readonly (readonly number[])[]): Uint8Array {
  const bytes = 0x1000;
  const arena = new Arena(new ArrayBuffer(bytes + Translations.BYTES));
  const { offset } = new AddressMap(arena).addMemory('ram', 0, bytes);
  const modules: Uint8Array[] = [];
  const host = { dispatcher: () => () => 0, load: (module: Uint8Array) => void modules.push(module), unload: () => {} };
  const cache = new CodeCache(new Decoder(INSTRUCTIONS), arena);
  const translations = new Translations(arena, cache, host, { ...AT_ONCE, batch: programs.length });
  for (const [i, program] of programs.entries()) {
    arena.i32.set(program, (offset + 64 * i) >>> 2);
    translations.add(64 * i, () => offset);
  }
  translations.tick();
  return modules[0] as Uint8Array;
}

class Reader {
  readonly bytes: Uint8Array;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  /** Unsigned LEB128. */
  number(): number {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.take(1)[0] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  take(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read);
  }
}

function sectionsOf(module: Uint8Array): Map<number, Reader> {
  const reader = new Reader(module.subarray(8));
  const sections = new Map<number, Reader>();
  while (reader.at < reader.bytes.length) sections.set(reader.number(), new Reader(reader.take(reader.number())));
  return sections;
}

/** By the number of the function: the opcode at each hint, and whether its condition usually holds. */
function hintsOf(module: Uint8Array): { readonly index: number; readonly hints: { op: number | undefined; usual: number }[] }[] {
  const sections = sectionsOf(module);
  const custom = sections.get(CUSTOM);
  if (custom === undefined) return [];
  expect(new TextDecoder().decode(custom.take(custom.number()))).toBe('metadata.code.branch_hint');
  expect([...sections.keys()].indexOf(CUSTOM)).toBeLessThan([...sections.keys()].indexOf(CODE));
  const code = sections.get(CODE) as Reader;
  const bodies = code.list(() => code.take(code.number()));
  // Of the imports only the last is a function.
  expect(sections.get(IMPORTS)?.number()).toBe(2);
  return custom.list(() => {
    const index = custom.number();
    const body = bodies[index - 1];
    const hints = custom.list(() => {
      const [at, length, usual] = [custom.number(), custom.number(), custom.number()];
      expect(length).toBe(1);
      return { op: body?.[at], usual };
    });
    return { index, hints };
  });
}

it('hints stand at branches, in the order of the code, and tell which way is usual', () => {
  const module = moduleOf([ADD, RETURN], [VADD, VMUL, RETURN]);
  expect(() => new WebAssembly.Module(module)).not.toThrow();
  const [plain, floating] = hintsOf(module);
  expect(plain?.hints).toEqual([]);
  expect(floating?.index).toBe((plain?.index ?? 0) + 1);
  // The sum may be no number; the product not normal either, unless an operand is zero.
  expect(floating?.hints).toEqual([
    { op: BR_IF, usual: 0 },
    { op: IF, usual: 0 },
  ]);
});

it('a batch without floating-point arithmetic has none', () => {
  const module = moduleOf([ADD, RETURN]);
  expect(() => new WebAssembly.Module(module)).not.toThrow();
  expect(sectionsOf(module).has(CUSTOM)).toBe(false);
});
