/** Addresses of a 32-bit little-endian ELF file's symbols, so that tests need not know where a compiler has put things. */
import { readFileSync } from 'node:fs';

export function symbolsOf(file: string): ReadonlyMap<string, number> {
  const bytes = readFileSync(file);
  const sections = Array.from({ length: bytes.readUInt16LE(48) }, (_, n) => bytes.readUInt32LE(32) + n * bytes.readUInt16LE(46));
  const symbols = new Map<string, number>();
  for (const section of sections) {
    if (bytes.readUInt32LE(section + 4) !== 2) continue; // SHT_SYMTAB
    const [from, size] = [bytes.readUInt32LE(section + 16), bytes.readUInt32LE(section + 20)];
    const strings = bytes.readUInt32LE((sections[bytes.readUInt32LE(section + 24)] as number) + 16);
    for (let at = from; at < from + size; at += 16) {
      const start = strings + bytes.readUInt32LE(at);
      const name = bytes.toString('latin1', start, bytes.indexOf(0, start));
      if (name !== '' && !name.startsWith('$')) symbols.set(name, bytes.readUInt32LE(at + 4));
    }
  }
  return symbols;
}
