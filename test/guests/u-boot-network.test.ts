/** Debian's U-Boot, unmodified, sends to everybody on its network: only who is on the same VLAN of the same switch gets it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPcap } from '../core/net/rig.ts';
import { have } from '../support/oracles.ts';
import { haveUBoot, U_BOOT } from '../support/u-boot.ts';
import { Program } from '../tools/cli/program.ts';

it.skipIf(!(haveUBoot() && have('qemu-system-arm')))(
  'a broadcast of U-Boot reaches its own VLAN, ten microseconds later',
  { timeout: 120_000 },
  async () => {
    const partita = await Program.build();
    try {
      const nets = ['lan,pcap=sender', 'lan,pcap=same', 'lan,vlan=9,pcap=apart', 'other,pcap=other'];
      const input = '\\nsetenv ethact virtio-net#31; setenv ethrotate no; dhcp\\n';
      const argv = ['--bios', U_BOOT, ...nets.flatMap((net) => ['--net', net]), '--input', `uart0=${input}`, '--for', '40ms'];
      expect(partita.run('boot', ...argv, '--quiet')).toMatchObject({ status: 3, stderr: '' });
      const seen = (name: string) => readPcap(readFileSync(join(partita.folder, name))).frames;
      const [sent] = seen('sender');
      expect(Buffer.from(sent?.frame.subarray(0, 12) ?? []).toString('hex')).toBe('ffffffffffff525400123456');
      expect(sent?.frame.length).toBe(342);
      expect(seen('same')).toEqual([{ at: (sent?.at ?? 0) + 10_000, frame: sent?.frame }]);
      expect([seen('apart'), seen('other')]).toEqual([[], []]);
    } finally {
      partita.remove();
    }
  },
);
