/** Virtio devices of partitions: where a guest finds them, what a description may say, and a driver that uses one over many starts. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readDtb } from '../../../../core/machine/devicetree/dtb-reader.ts';
import type { System } from '../../../../core/machine/system/system.ts';
import { bundled } from '../../../support/bundled.ts';
import { have } from '../../../support/oracles.ts';
import { planOf, problemsOf } from '../rig.ts';

const { startDisk } = await bundled<typeof import('../../../support/disk-guest.ts')>('test/support/disk-guest.ts');

const KERNEL = 'module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; };';
const domain = (below: string, more = '', name = 'a') =>
  `${name} { compatible = "xen,domain"; cpus = <1>; memory = <0x0 4096>; vpl011; ${more} ${KERNEL} ${below} };`;
const device = (name: string, kind: string, more = '') =>
  `${name} { compatible = "partita,virtio"; partita,virtio = "${kind}"; ${more} };`;

function guestOf(text: string) {
  const [partition] = planOf(text).config.partitions;
  const at = partition?.entry.registers[2];
  const dtb = partition?.image.find(({ ipa }) => ipa === at)?.bytes ?? new Uint8Array();
  return { partition: partition!, dtb, root: readDtb(dtb, 'a').root };
}

describe('the virtio devices of a partition', () => {
  const nodes = device('one', 'entropy') + device('two', 'console') + device('three', 'balloon');

  it('follow each other, and have the interrupts that no other device of the partition has', () => {
    const { partition, root } = guestOf(domain(nodes, 'partita,devices = <&{/pl031@9010000}>;'));
    expect(partition.devices).toEqual([
      { name: 'virtio entropy one', ipa: 0x0200_0000, size: 0x200, irq: 33 },
      { name: 'virtio console two', ipa: 0x0200_0200, size: 0x200, irq: 35 },
      { name: 'virtio balloon three', ipa: 0x0200_0400, size: 0x200, irq: 36 },
    ]);
    const found = root.children.filter((node) => node.isCompatible('virtio,mmio'));
    expect(found.map((node) => [node.name, node.need('interrupts').cells()])).toEqual([
      ['virtio_mmio@2000000', [0, 1, 1]],
      ['virtio_mmio@2000200', [0, 3, 1]],
      ['virtio_mmio@2000400', [0, 4, 1]],
    ]);
  });

  it('may have another place, and leave theirs to the next', () => {
    const { partition } = guestOf(domain(device('one', 'entropy', 'reg = <0 0x0a000000 0 0x200>;') + device('two', 'console')));
    expect(partition.devices?.map(({ ipa }) => ipa)).toEqual([0x0a00_0000, 0x0200_0000]);
  });

  it('take no interrupt of a doorbell', () => {
    const many = Array.from({ length: 18 }, (_, i) => device(`d${i}`, 'entropy')).join('');
    const shared = (role: string) =>
      `m { compatible = "xen,domain-shared-memory-v1"; role = "${role}"; xen,shm-id = "m"; xen,shared-mem = <0 0x47f00000 0 0x50000000 0 0x1000>; };`;
    const bell = (name: string, peer: string) =>
      `${name}: bell { compatible = "xen,evtchn-v1"; xen,evtchn = <1 &${peer}>; partita,channel = "m"; };`;
    const { config } = planOf(
      domain(many + shared('owner') + bell('x', 'y')) + domain(shared('borrower') + bell('y', 'x'), '', 'b'),
    );
    expect(config.partitions.map(({ channels }) => channels[0]?.doorbell)).toEqual([51, 48]);
  });

  it.skipIf(!have('dtc'))('satisfy dtc', () => {
    const { dtb } = guestOf(domain(nodes, 'partita,devices = <&{/pl031@9010000} &{/pl061@9030000}>;'));
    const { stderr, status } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dtb'], { input: dtb });
    expect([stderr.toString(), status]).toEqual(['', 0]);
  });

  it.each([
    ['no device', device('one', 'printer'), 'names "printer"; expected one of "console", "block"'],
    ['what a device of its kind has not', device('one', 'entropy', 'partita,disk = "x";'), "'partita,disk' is not known"],
    ['a place that is none', device('one', 'entropy', 'reg = <0 0x0a000100 0 0x200>;'), 'is no place for a virtio device'],
    ['a place with something else', device('one', 'entropy', 'reg = <0 0x40000000 0 0x200>;'), 'overlap'],
    ['two at one place', device('one', 'entropy') + device('two', 'entropy', 'reg = <0 0x02000000 0 0x200>;'), 'overlap'],
    ['too many', Array.from({ length: 33 }, (_, i) => device(`d${i}`, 'entropy')).join(''), 'is one of 33 virtio devices'],
  ])('a description may not name %s', (_, below, problem) => {
    expect(problemsOf(domain(below)).join('\n')).toContain(problem);
  });

  it.each([
    ['a disk', 'block', 'partita,disk = "x.img";', 'partita,snapshot;'],
    ['a folder', '9p', 'partita,folder = "x"; partita,writable;', 'partita,folder = "x";'],
  ])('%s that one partition writes is no other’s', (_, kind, first, second) => {
    const both = second.includes('folder') ? second : `${first} ${second}`;
    const problems = problemsOf(domain(device('d', kind, first)) + domain(device('d', kind, both), '', 'b'));
    expect(problems.join('\n')).toMatch(/^isolation: .*\/chosen\/b\/d.*names what \/chosen\/a\/d has, and one of them writes it/);
    const reading = kind === 'block' ? both : second;
    expect(problemsOf(domain(device('d', kind, reading)) + domain(device('d', kind, reading), '', 'b'))).toEqual([]);
  });
});

describe('what of the host two partitions have', () => {
  const folder = (name: string, more = '') => device('d', '9p', `partita,folder = "${name}"; ${more}`);
  const disk = (name: string) => device('d', 'block', `partita,disk = "${name}";`);
  const problems = (one: string, other: string) => problemsOf(domain(one) + domain(other, '', 'b')).join('\n');

  it.each([
    ['is spelt otherwise', disk('a/x.img'), disk('./b/..//a/x.img')],
    ['is the folder of the description', folder('.', 'partita,writable;'), folder('x/..')],
    ['is a folder in a writable one', folder('.', 'partita,writable;'), folder('x')],
    ['is a writable folder in another', folder('/a/b'), folder('/a/b/c', 'partita,writable;')],
    ['is a disk in a folder', folder('/a'), disk('/a/b/x.img')],
  ])('is an isolation finding where it %s', (_, one, other) => {
    expect(problems(one, other)).toMatch(/^isolation: .*one of them writes it/);
    expect(problems(other, one)).toMatch(/^isolation: .*one of them writes it/);
  });

  it('is none where it is beside the other', () => {
    expect(problems(folder('/a', 'partita,writable;'), folder('/ab'))).toBe('');
    expect(problems(folder('.', 'partita,writable;'), folder('../x'))).toBe('');
    expect(problems(disk('a'), disk('a/b'))).toBe('');
  });
});

describe('a partition with a disk', () => {
  const run = (system: System) => {
    while (system.machine.run(system.machine.clock.now() + 1e9) === 'limit' && system.machine.clock.now() < 60e9);
    return system.machine.consoles.get('a')?.text();
  };

  it('finds its device as after a power-on whenever it starts, and its disk as it left it', () => {
    const { system, disk } = startDisk(4);
    expect(run(system)).toBe('disk: start 1, 3 interrupts\ndisk: start 4, 3 interrupts\n');
    expect(system.hypervisor.report()).toMatchObject([{ state: 'off', faultCount: 0, restarts: 3 }]);
    expect([disk[512], disk[516]]).toEqual([4, 0]);
  });

  it('ends in the same state with either engine', () => {
    const [one, other] = [startDisk(2), startDisk(2, 'jit')];
    expect(run(other.system)).toBe(run(one.system));
    expect(other.system.machine.stateHash()).toBe(one.system.machine.stateHash());
  });

  it('goes on in another machine as it would have in its own, whatever its device is doing', () => {
    const first = startDisk(2);
    const works = () => (first.system.hypervisor.partitions[0]!.devices[0]!.save() as { work: number | null }).work !== null;
    for (let time = 0; !works() && time < 10e6; time += 500) first.system.machine.run(time);
    expect(works()).toBe(true);
    const [state, image] = [first.system.machine.save(), first.disk.slice()];
    const hash = first.system.machine.stateHash();
    const second = startDisk(2);
    second.disk.set(image);
    second.system.machine.load(state);
    expect(second.system.machine.stateHash()).toBe(hash);
    expect(run(second.system)).toBe(run(first.system));
    expect(second.system.machine.stateHash()).toBe(first.system.machine.stateHash());
  });
});
