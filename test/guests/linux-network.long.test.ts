/**
 * Debian's kernel, unmodified, on a network with a way out, as on QEMU's user network: an address, names, the host's services, and a port that
 * is forwarded to it. The run is recorded and replayed without the host.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linuxFolder } from '../../tools/fetch/linux.ts';
import { answersOf, haveLinux, session } from '../support/linux.ts';
import { commandsFor, freePort, SETUP, sayTo, serve } from '../support/linux-network.ts';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';

const APPEND = 'console=ttyAMA0 cryptomgr.notests quiet';

it.skipIf(!(haveLinux() && have('qemu-system-arm')))(
  'Linux uses the network of its host as in QEMU, and again without it from a recording',
  { timeout: 600_000 },
  async () => {
    const [program, services] = [await Program.build(), await serve()];
    try {
      const folder = linuxFolder('armmp-lpae');
      const [kernel, initrd] = [join(folder, 'virt.uImage'), join(folder, 'initramfs.cpio')];
      const commands = [...SETUP, ...commandsFor(services), 'poweroff -f'];

      const port = await freePort();
      const qemu = ['-M', 'virt', '-cpu', 'cortex-a15', '-m', '256', '-nographic', '-no-reboot', '-kernel', kernel];
      const user = ['-netdev', `user,id=n,hostfwd=tcp:127.0.0.1:${port}-:80`, '-device', 'virtio-net-device,netdev=n'];
      const asked = sayTo(port, 'from the host\n');
      const theirs = answersOf(
        await session('qemu-system-arm', [...qemu, '-initrd', initrd, '-append', APPEND, ...user], commands),
      );
      expect(await asked).toBe('heard from the host\n');

      const forward = await freePort();
      const hosts = [services.http, services.echo, services.digest, services.nobody].map((one) => `host=tcp:${one}`).join(',');
      const typed = commands.map((command) => `${command.replaceAll('\\', '\\\\')}\\n`).join('');
      const run = (...more: readonly string[]) =>
        session(
          process.execPath,
          [
            join(program.folder, 'dist/partita.js'),
            ...[
              'boot',
              '--memory',
              '256M',
              '--append',
              APPEND,
              '--initrd',
              initrd,
              '--input',
              `uart0=${typed}`,
              '--console',
              'uart0',
            ],
            ...['--net', `user,${hosts},forward=tcp:${forward}:80`, '--for', '100s', '--engine', 'jit', ...more, kernel],
          ],
          [],
        );
      const files = ['recording', 'first.json', 'second.json'].map((name) => join(program.folder, name)) as [
        string,
        string,
        string,
      ];
      const said = sayTo(forward, 'from the host\n');
      const ran = await run('--record', files[0], '--report', files[1]);
      expect(await said).toBe('heard from the host\n');
      const ours = answersOf({ ...ran, text: ran.text.split('\n┌')[0] ?? '' });
      // What is typed while a command runs is echoed among its lines.
      const settled = (lines: readonly string[] | undefined) =>
        lines
          ?.map((line) => line.trim())
          .filter((line) => line !== '' && !commands.includes(line))
          .sort();
      for (const command of commandsFor(services)) {
        expect(theirs.has(command), command).toBe(true);
        expect([command, settled(ours.get(command))]).toEqual([command, settled(theirs.get(command))]);
      }
      expect(settled(ours.get(commandsFor(services)[4] ?? ''))?.join()).toContain(
        createHash('sha256').update(services.big).digest('hex'),
      );

      services.close();
      const replayed = await run('--replay', files[0], '--report', files[2]);
      const [first, second] = files.slice(1).map((name) => JSON.parse(readFileSync(name, 'utf8')) as Record<string, unknown>);
      expect(replayed.text).not.toContain('is not the run');
      for (const what of ['stateHash', 'instructions', 'virtualTimeNs']) expect(second?.[what], what).toBe(first?.[what]);
    } finally {
      services.close();
      program.remove();
    }
  },
);
