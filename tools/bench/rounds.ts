/** How often an image repeats its work: a number behind a mark in the file, which guests/bench/rounds.c reads. */

const MARK = new TextEncoder().encode('partita-rounds:\0');

/** A copy of the ELF file that does so many rounds. */
export function withRounds(elf: Uint8Array, rounds: number): Uint8Array {
  const at = find(elf, 0);
  if (at < 0 || find(elf, at + 1) >= 0) throw new Error('the image has not exactly one number of rounds');
  const copy = new Uint8Array(elf);
  new DataView(copy.buffer).setUint32(at + MARK.length, rounds, true);
  return copy;
}

const find = (elf: Uint8Array, from: number): number => {
  for (let at = elf.indexOf(MARK[0] as number, from); at >= 0; at = elf.indexOf(MARK[0] as number, at + 1)) {
    if (MARK.every((byte, i) => elf[at + i] === byte)) return at;
  }
  return -1;
};

/** The line that each image prints at its end. */
export const checksumLine = (output: string): string | undefined => /[\w-]+: \d+ rounds, checksum [0-9a-f]{8}/.exec(output)?.[0];
