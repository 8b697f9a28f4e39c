/** What of the host a description names: `check` says what `run` would, and leaves everything as it is. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { check } from '../../../tools/cli/check.ts';
import { run } from '../../../tools/cli/run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  writeFileSync(join(folder, 'disk.raw'), new Uint8Array(1024));
  writeFileSync(join(folder, 'damaged.qcow2'), Uint8Array.of(0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 9));
  writeFileSync(join(folder, 'kernel.bin'), Uint8Array.of(0xfe, 0xff, 0xff, 0xea));
  mkdirSync(join(folder, 'shared'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const system = (device: string, lan = ''): string => {
  const file = join(folder, 'system.dts');
  writeFileSync(
    file,
    `#include "${resolve('boards/virt/board.dts')}"
/ {
  ${lan}
  chosen { a { compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>;
    module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "kernel.bin"; };
    ${device}
  }; };
};`,
  );
  return file;
};
const device = (kind: string, more: string) => `d { compatible = "partita,virtio"; partita,virtio = "${kind}"; ${more} };`;

/** What a command fails with, or its status. */
async function outcome(command: () => number | Promise<number>): Promise<string | number> {
  const print = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    return await command();
  } catch (error) {
    return (error as Error).message;
  } finally {
    print.mockRestore();
  }
}
const checked = (...argv: string[]) => outcome(() => check(argv));
const ran = (...argv: string[]) => outcome(() => run([...argv, '--for', '10us', '--quiet']));

it.each([
  ['a disk that there is not', device('block', 'partita,disk = "none.raw";'), /none\.raw.*there is no such file/],
  ['a disk of an unknown format', device('block', 'partita,disk = "disk.raw"; partita,format = "vdi";'), /names "vdi"/],
  ['a damaged disk', device('block', 'partita,disk = "damaged.qcow2"; partita,format = "qcow2";'), /damaged\.qcow2/],
  ['a folder that there is not', device('9p', 'partita,folder = "none";'), /none: there is no such file or folder/],
  ['an unknown network', device('net', 'partita,network = "lan";'), /names "lan", and there is no such network/],
  ['a context that is no guest', device('vsock', 'partita,cid = <2>;'), /context id 2 is no guest's/],
  ['an unknown version', device('entropy', 'partita,virtio-version = <3>;'), /is 3, expected 1 or 2|is 3/],
  ['an unknown kind', device('gpu', ''), /names "gpu"/],
])('check and run refuse %s with the same words', async (_, node, problem) => {
  const file = system(node);
  const message = await checked(file);
  expect(message).toMatch(/system\.dts:\d+:\d+: /);
  expect(message).toMatch(problem);
  expect(await ran(file)).toBe(message);
});

it('check takes disks as run does', async () => {
  const file = system(device('block', 'partita,disk = "none.raw";'));
  const other = `a/d=${join(folder, 'disk.raw')}`;
  expect(await checked(file, '--drive', other)).toBe(0);
  expect(await checked(file, '--drive', 'a/e=x')).toMatch(/^--drive a\/e=x: the description has no partition/);
});

it('check writes nothing: no capture, no recording, and no disk', async () => {
  const lan = `lan { compatible = "partita,switch"; a { partita,capture = "a.pcap"; }; b { partita,capture = "b.pcap"; };
    out { partita,outside; partita,services = "tcp:9"; }; };`;
  const old = Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 9, 9);
  writeFileSync(join(folder, 'a.pcap'), old);
  const file = system(device('net', 'partita,network = "lan"; partita,port = "a";'), lan);
  expect(await checked(file)).toBe(0);
  expect([...readFileSync(join(folder, 'a.pcap'))]).toEqual([...old]);
  expect(existsSync(join(folder, 'b.pcap'))).toBe(false);
  writeFileSync(join(folder, 'a.pcap'), 'a letter');
  expect(await checked(file)).toMatch(/a\.pcap: it is there already, and no capture/);
  expect(await ran(file)).toBe(await checked(file));
  expect(
    await checked(system('', lan.replace('b.pcap', './a.pcap').replace('a.pcap', 'c.pcap').replace('./a.pcap', './c.pcap'))),
  ).toMatch(/c\.pcap: another port is written there/);
});
