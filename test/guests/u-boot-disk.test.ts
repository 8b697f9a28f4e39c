/** Debian's U-Boot, unmodified, with a virtio disk: it finds, reads and writes it as in QEMU. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randoms } from '../support/device-contract.ts';
import { have } from '../support/oracles.ts';
import { answers, haveUBoot, typeInQemu, U_BOOT } from '../support/u-boot.ts';
import { Program } from '../tools/cli/program.ts';

const SAME = [
  'virtio info',
  'virtio device',
  'virtio part',
  'virtio read 40400000 0 800',
  'crc32 40400000 100000',
  'virtio read 40600000 7ff 1',
  'md 40600000 20',
  'virtio read 40600000 7ff 2',
  'mw.l 40600000 12345678 100',
  'virtio write 40600000 11 2',
  'virtio read 40700000 10 4',
  'md 40700000 200',
  'ls virtio 0',
] as const;

/** What the program prints when the commands are typed, and the disk afterwards. */
function typeHere(partita: Program, version: 1 | 2, drive: string): string {
  const input = ['', ...SAME, 'poweroff', ''].join('\\n');
  const machine = ['boot', '--bios', U_BOOT, '--memory', '256M', '--virtio-version', `${version}`, '--drive', drive];
  const { status, stderr } = partita.run(...machine, '--quiet', '--report', 'r.json', '--input', `uart0=${input}`, '--for', '1s');
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(readFileSync(join(partita.folder, 'r.json'), 'utf8')).partitions[0].console;
}

describe.skipIf(!(haveUBoot() && have('qemu-system-arm')))('U-Boot on virt with a virtio disk', () => {
  it.each([1, 2] as const)('uses it as in QEMU, virtio-mmio version %s', { timeout: 120_000 }, async (version) => {
    const random = randoms(3);
    const content = Uint8Array.from({ length: 0x10_0000 }, () => random());
    const partita = await Program.build();
    try {
      const files = ['theirs.raw', 'ours.raw'].map((name) => join(partita.folder, partita.file(name, content)));
      const options = ['-global', `virtio-mmio.force-legacy=${version === 1}`, '-device', 'virtio-blk-device,drive=d'];
      const drive = ['-drive', `if=none,id=d,format=raw,file=${files[0]}`];
      const theirs = answers(await typeInQemu([...SAME, 'poweroff'], '256', [...options, ...drive]));
      const ours = answers(typeHere(partita, version, 'ours.raw,format=raw'));
      for (const command of SAME) expect([command, ours.get(command)]).toEqual([command, theirs.get(command)]);
      expect(theirs.get('virtio write 40600000 11 2')).toContain('2 blocks written: OK');
      const [its, mine] = files.map((file) => readFileSync(file));
      expect(mine?.equals(content)).toBe(false);
      expect(its?.equals(mine ?? content)).toBe(true);
    } finally {
      partita.remove();
    }
  });
});
