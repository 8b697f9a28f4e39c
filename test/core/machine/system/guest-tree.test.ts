/** The device tree that each guest of the demo gets: what it has, and nothing else. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readDtb } from '../../../../core/machine/devicetree/dtb-reader.ts';
import { parseDts } from '../../../../core/machine/devicetree/dts-parser.ts';
import { plan } from '../../../../core/machine/system/plan.ts';
import { have } from '../../../support/oracles.ts';
import { filesWith, planOf } from '../rig.ts';

const DEMO = 'boards/vexpress-a15/demo.dts';

const demo = () => plan(parseDts(DEMO, filesWith({})), filesWith({})).config.partitions;

function treeOf(partition: ReturnType<typeof demo>[number]): Uint8Array {
  const at = partition.entry.registers[2];
  return partition.image.find(({ ipa }) => ipa === at)!.bytes;
}

describe.each(['control', 'telemetry', 'rogue'])('the tree of %s', (name) => {
  const partition = demo().find((one) => one.name === name)!;
  const tree = readDtb(treeOf(partition), name);

  it('has its memory, its processors and the virtual devices at the addresses of stage 2', () => {
    const ram = partition.regions.find(({ kind }) => kind === 'ram')!;
    expect(tree.root.find('/memory@40000000')?.get('reg')?.cells()).toEqual([0, ram.ipa, 0, ram.size]);
    expect(tree.root.find('/cpus')?.children.length).toBe(partition.vcpus.length);
    expect(tree.root.find('/interrupt-controller@3001000')?.get('reg')?.cells()).toEqual([
      0, 0x3001000, 0, 0x1000, 0, 0x3002000, 0, 0x2000,
    ]);
    expect(tree.root.find('/pl011@22000000')?.get('interrupts')?.cells()).toEqual([0, 0, 4]);
    expect(tree.root.find('/psci')?.get('method')?.string()).toBe('hvc');
  });

  it('has its channels and nothing of another partition or of the board', () => {
    const known = ['chosen', 'cpus', 'memory', 'psci', 'interrupt-controller', 'timer', 'apb-pclk', 'pl011', 'channel'];
    expect(tree.root.children.map(({ baseName }) => baseName).filter((node) => !known.includes(node))).toEqual([]);
    const channels = tree.root.children.filter(({ baseName }) => baseName === 'channel');
    expect(channels.map((node) => node.get('xen,shm-id')?.string())).toEqual(name === 'rogue' ? [] : ['frames']);
    expect(channels.map((node) => node.has('partita,access'))).toEqual(name === 'rogue' ? [] : [name === 'telemetry']);
  });

  it.skipIf(!have('dtc'))('satisfies dtc without a warning', () => {
    const { stdout, stderr, status } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dtb'], {
      input: treeOf(partition),
      maxBuffer: 1 << 24,
    });
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
    expect(Uint8Array.from(stdout)).toEqual(Uint8Array.from(treeOf(partition)));
  });
});

describe('what else a tree may have', () => {
  const domain = (more: string, below = '') =>
    planOf(`a { compatible = "xen,domain"; cpus = <2>; memory = <0x0 4096>; ${more}
      module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; bootargs = "quiet"; }; ${below} };`)
      .config.partitions[0]!;

  it.skipIf(!have('dtc'))('satisfies dtc: devices of the board, an initial RAM disk, arguments', () => {
    const disk = 'module@1 { compatible = "multiboot,ramdisk", "multiboot,module"; partita,image = "image.bin"; };';
    const partition = domain('partita,devices = <&{/pl031@9010000} &{/pl061@9030000}>;', disk);
    const { stderr } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dtb'], { input: treeOf(partition) });
    expect(stderr.toString()).toBe('');
  });

  it('says where the initial RAM disk lies and how the kernel was called', () => {
    const disk = 'module@1 { compatible = "multiboot,ramdisk", "multiboot,module"; partita,image = "image.bin"; };';
    const partition = domain('', disk);
    const chosen = readDtb(treeOf(partition), 'a').root.find('/chosen')!;
    const start = chosen.need('linux,initrd-start').cell();
    expect(chosen.need('linux,initrd-end').cell()).toBe(start + 4);
    expect(partition.image).toContainEqual({ ipa: start, bytes: Uint8Array.of(1, 2, 3, 4) });
    expect(chosen.get('bootargs')?.string()).toBe('quiet');
    expect(chosen.has('stdout-path')).toBe(false);
  });

  it('goes where partita,device-tree-address says', () => {
    expect(domain('partita,device-tree-address = <0x0 0x40100000>;').entry.registers).toEqual([0, -1, 0x4010_0000]);
  });

  it('is left out where it finds no room, and the guest is told so', () => {
    expect(domain('partita,device-tree-address = <0x0 0x10000000>;').entry.registers[2]).toBe(0);
  });
});
