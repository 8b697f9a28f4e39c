import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { debianPackage } from '../../../tools/fetch/debian.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { armWords, kernelWords, thumbWords } from '../../support/code-words.ts';
import { differences, randomWords, type Word } from '../../support/disassembly.ts';
import { have } from '../../support/oracles.ts';

const ready = have('arm-none-eabi-objdump');
/** With more than 450 encodings in each set, more than a million words. */
const PER_ENCODING = 1500;
const U_BOOT = 'usr/lib/u-boot/qemu_arm/u-boot.bin';

const texts = (set: 'A32' | 'T32', words: readonly Word[]): string[] => differences(set, words).map(({ text }) => text);

/** The package of Debian, be it installed or fetched. */
function uBoot(): Buffer {
  const folder = existsSync(`/${U_BOOT}`) ? '' : debianPackage('u-boot-qemu', 'all');
  if (folder === undefined) throw new Error('no archive of Debian is in reach');
  return readFileSync(`${folder}/${U_BOOT}`);
}

describe('the disassembler says what objdump says, or differs for a reason that is listed', () => {
  for (const set of ['A32', 'T32'] as const) {
    it.skipIf(!ready)(`of random ${set} words of each encoding`, () => {
      const words = randomWords(set, PER_ENCODING, new Random(20260102));
      expect(words.length).toBeGreaterThan(500_000);
      expect(texts(set, words).slice(0, 20)).toEqual([]);
    });
  }

  it.skipIf(!ready)("of Debian's armmp kernel and its modules, data among the code included", () => {
    const folder = debianPackage('linux-image-armmp', 'armhf');
    if (folder === undefined) throw new Error('no archive of Debian is in reach');
    const words = kernelWords(folder);
    expect(words.length).toBeGreaterThan(1_000_000);
    expect(texts('A32', words).slice(0, 20)).toEqual([]);
  });

  it.skipIf(!ready)('of U-Boot, read as A32 and as T32', () => {
    const code = uBoot();
    expect(texts('A32', armWords(code)).slice(0, 20)).toEqual([]);
    expect(texts('T32', thumbWords(code)).slice(0, 20)).toEqual([]);
  });
});
