/** Devices of the command line and of descriptions as people run them: they are there, and what is wrong with one is said in a line. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elf } from '../../core/machine/rig.ts';
import { Program } from './program.ts';

let partita: Program;
beforeAll(async () => {
  partita = await Program.build();
  partita.file('disk.img', new Uint8Array(0x1_0000));
  mkdirSync(join(partita.folder, 'sub'));
  // movw r1, #0x3e00; movt r1, #0x0a00; ldr r0, [r1, #4]; ldr r2, [r1, #8]; b .: version and device of virt's last slot
  partita.file('loop.elf', elf([0xe3031e00, 0xe3401a00, 0xe5910004, 0xe5912008, 0xeafffffe], 0x4000_8000));
}, 60_000);
afterAll(() => partita.remove());

const boot = (...more: readonly string[]) => partita.run('boot', 'loop.elf', '--instructions', '1000', '--quiet', ...more);
const hash = (...more: readonly string[]): string => {
  expect(boot('--report', 'r.json', ...more)).toMatchObject({ status: 3, stderr: '' });
  return JSON.parse(readFileSync(join(partita.folder, 'r.json'), 'utf8')).stateHash;
};

describe('devices of the command line', () => {
  it('may be all there are, and the state is the same every time', () => {
    const all = ['--drive', 'disk.img', '--net', 'lan,pcap=a.pcap', '--net', 'lan', '--share', 'sub', '--rng', '5'];
    expect(hash(...all)).toBe(hash(...all));
    expect(readFileSync(join(partita.folder, 'a.pcap')).length).toBe(24);
    expect(hash(...all, '--virtio-version', '2')).not.toBe(hash(...all));
  });

  it('take the last slot first', () => {
    const [disk, both] = [hash('--drive', 'disk.img'), hash('--drive', 'disk.img', '--rng', '1')];
    expect(hash('--rng', '1')).not.toBe(disk);
    expect(both).not.toBe(hash('--rng', '1', '--drive', 'disk.img'));
  });

  it.each(
    (
      [
        [['--drive', 'none.img'], '--drive none.img: there is no such file'],
        [['--drive', 'sub'], '--drive sub: it is a folder'],
        [['--drive', 'disk.img', '--drive', 'disk.img'], '--drive disk.img: it is in use already, and only one may write it'],
        [['--drive', 'disk.img,format=qcow2'], '--drive disk.img: '],
        [['--share', 'none'], '--share none: there is no such file or folder'],
        [['--share', 'disk.img'], '--share disk.img: it is no folder'],
        [['--share', 'sub', '--share', '.'], '--share: two folders have the tag "shared"'],
        [['--net', 'lan,pcap=disk.img'], '--net disk.img: it is there already, and no capture'],
        [['--net', 'lan,pcap=b.pcap', '--net', 'lan,pcap=b.pcap'], '--net b.pcap: another port is written there'],
        [['--net', 'lan,pcap=none/a.pcap'], '--net none/a.pcap: there is no such file or folder'],
        [['--net', 'lan,port=a'], '--net lan,port=a: the description has no switch with such a port'],
        [['--net', 'cpus'], '--net cpus: the board has something else of that name'],
        [['--board', 'vexpress-a15', ...Array(5).fill(['--rng', '1']).flat()], '5 devices, and the board has 4 free'],
      ] as [string[], string][]
    ).map(([argv, problem]) => [argv, problem] as const),
  )('%j is refused in one line', (argv, problem) => {
    const { status, stderr } = boot(...argv);
    expect(stderr).toContain(problem);
    expect(stderr).toMatch(/^partita: [^\n]+\n$/);
    expect(status).toBe(2);
  });
});

describe("a description's files", () => {
  const board = (text: string) => `#include "../boards/virt/board.dts"\n/ {\n${text}\n};\n`;
  const disk = 'virtio_mmio@a003e00 { partita,virtio = "block"; partita,disk = "own.img"; };';

  it('count from its folder, for boot and for run', () => {
    partita.file('sub/own.img', new Uint8Array(512));
    partita.file('sub/board.dts', board(disk));
    expect(boot('--board', 'sub/board.dts', '--drive', 'disk.img').status).toBe(3);
    const domain = `chosen { a { compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>;
      module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "../guests/hello/hello.elf"; }; }; };`;
    partita.file('sub/system.dts', board(`${disk}\n${domain}`));
    expect(partita.run('run', 'sub/system.dts', '--quiet')).toMatchObject({ status: 0, stderr: '' });
    expect(partita.run('check', 'sub/system.dts').status).toBe(0);
  });

  it.each([
    [
      'partita,virtio = "block"; partita,disk = "none.img";',
      /property 'partita,disk' cannot be used: sub\/none\.img: there is no such/,
    ],
    ['partita,virtio = "block"; partita,disk = "own.img"; partita,format = "vdi";', /'partita,format' names "vdi".*raw or qcow2/],
    ['partita,virtio = "9p"; partita,folder = "own.img";', /'partita,folder' cannot be used: sub\/own\.img: it is no folder/],
    ['partita,virtio = "net"; partita,network = "lan";', /'partita,network' names "lan", and there is no such network/],
  ])('are an error of it where they cannot be used: %s', (properties, problem) => {
    partita.file('sub/own.img', new Uint8Array(512));
    partita.file('sub/broken.dts', board(`virtio_mmio@a003e00 {\n${properties} };`));
    const { status, stderr } = boot('--board', 'sub/broken.dts');
    expect(stderr).toMatch(/^partita: sub\/broken\.dts:4:\d+: [^\n]+\n$/);
    expect(stderr).toMatch(problem);
    expect(status).toBe(2);
  });
});

describe('the disk of a partition', () => {
  const system = `#include "boards/virt/board.dts"
/ { chosen { a {
  compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>;
  module@0 {
    compatible = "multiboot,kernel", "multiboot,module";
    partita,image = "guests/disk/disk.elf"; bootargs = "starts=2";
  };
  disk { compatible = "partita,virtio"; partita,virtio = "block"; };
}; }; };`;
  const run = (...more: readonly string[]) => partita.run('run', 'system.dts', '--quiet', ...more);
  const starts = () => readFileSync(join(partita.folder, 'starts.img'))[512];
  beforeAll(() => {
    partita.file('system.dts', system);
    partita.file('starts.img', new Uint8Array(0x2_0000));
  });

  it('is the one that --drive names, which is written unless it says otherwise', () => {
    expect(run('--drive', 'a/disk=starts.img,snapshot')).toMatchObject({ status: 0, stderr: '' });
    expect(starts()).toBe(0);
    expect(run('--drive', 'a/disk=starts.img')).toMatchObject({ status: 0, stderr: '' });
    expect(starts()).toBe(2);
  });

  it.each([
    [[], "property 'partita,disk' is missing"],
    [['--drive', 'starts.img'], '--drive starts.img: give a partition, its device and the image'],
    [['--drive', 'a/net=starts.img'], '--drive a/net=starts.img: the description has no partition with such a block device'],
    [['--drive', 'a/disk=none.img'], '--drive none.img: there is no such file'],
  ])('%j is refused in one line', (argv, problem) => {
    const { status, stderr } = run(...argv);
    expect(stderr).toContain(problem);
    expect(status).toBe(2);
  });
});
