/** Debian's U-Boot, unmodified, with a virtio disk: it finds, reads and writes it as in QEMU. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { randoms } from '../support/device-contract.ts';
import { have } from '../support/oracles.ts';
import { answers, haveUBoot, typeInQemu } from '../support/u-boot.ts';

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

describe.skipIf(!(haveUBoot() && have('qemu-system-arm')))('U-Boot on virt with a virtio disk', () => {
  it.each([1, 2] as const)('uses it as in QEMU, virtio-mmio version %s', { timeout: 120_000 }, async (version) => {
    const random = randoms(3);
    const content = Uint8Array.from({ length: 0x10_0000 }, () => random());
    const folder = mkdtempSync(join(tmpdir(), 'disk-'));
    try {
      const file = join(folder, 'disk.raw');
      writeFileSync(file, content);
      const commands = [...SAME, 'poweroff'];
      const options = ['-global', `virtio-mmio.force-legacy=${version === 1}`, '-device', 'virtio-blk-device,drive=d'];
      const transcript = await typeInQemu(commands, '256', [...options, '-drive', `if=none,id=d,format=raw,file=${file}`]);
      const { typeHere } = await bundled<typeof import('../support/u-boot-disk.ts')>('test/support/u-boot-disk.ts');
      const ours = answers(typeHere(commands, content, version));
      const theirs = answers(transcript);
      for (const command of SAME) expect([command, ours.get(command)]).toEqual([command, theirs.get(command)]);
      expect(theirs.get('virtio write 40600000 11 2')).toContain('2 blocks written: OK');
      expect(Buffer.compare(readFileSync(file), content)).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
