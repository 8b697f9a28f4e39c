/** ivshmem in descriptions: what partitions get, what their device trees say of it, and what may not be written. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readDtb } from '../../../../core/machine/devicetree/dtb-reader.ts';
import { have } from '../../../support/oracles.ts';
import { planOf, problemsOf } from '../rig.ts';

const KERNEL = 'module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; };';
const domain = (name: string, below: string, more = '') =>
  `${name} { compatible = "xen,domain"; cpus = <1>; memory = <0x0 4096>; vpl011; ${more} ${KERNEL} ${below} };`;
const SIZES = 'partita,peers = <3>; partita,read-write-size = <0x1000>; partita,output-size = <0x2000>;';
const link = (more = '', name = 'l', sizes = SIZES) => `${name} { compatible = "partita,ivshmem-link"; ${sizes} ${more} };`;
const peer = (id: number, more = '', name = 'l', node = `f${id}`) =>
  `${node} { compatible = "partita,ivshmem"; partita,link = "${name}"; partita,peer = <${id}>; ${more} };`;
const two = link() + domain('a', peer(0)) + domain('b', peer(2));

function guestOf(text: string, i = 0) {
  const { partitions } = planOf(text).config;
  const partition = partitions[i]!;
  const at = partition.entry.registers[2];
  const dtb = partition.image.find(({ ipa }) => ipa === at)?.bytes ?? new Uint8Array();
  return { partition, dtb, host: readDtb(dtb, 'a').root.find('/pcie@10000000') };
}

describe('the peers of a link', () => {
  it('have the same memory, and each may write what all may and its own section', () => {
    const { config } = planOf(two);
    expect(config.links).toMatchObject([
      { name: 'l', peers: 3, stateTable: 0x1000, readWrite: 0x1000, output: 0x2000, protocol: 0x4000 },
    ]);
    const base = config.links?.[0]?.pa ?? 0;
    const maps = config.partitions.map(({ regions }) =>
      regions
        .filter(({ kind }) => kind === 'channel')
        .map(({ name, ipa, pa, size, writable, executable }) => [name, ipa, pa - base, size, writable, executable]),
    );
    const rows = (own: number) => [
      ['l: state table', 0x3000_0000, 0, 0x1000, false, false],
      ['l: read/write section', 0x3000_1000, 0x1000, 0x1000, true, false],
      ['l: output section of peer 0 (a)', 0x3000_2000, 0x2000, 0x2000, own === 0, false],
      ['l: output section of peer 1', 0x3000_4000, 0x4000, 0x2000, false, false],
      ['l: output section of peer 2 (b)', 0x3000_6000, 0x6000, 0x2000, own === 2, false],
    ];
    expect(maps).toEqual([rows(0), rows(2)]);
  });

  it('have an interrupt for each function that no device and no other channel has, and the memories one behind the other', () => {
    const shared = (role: string) =>
      `m { compatible = "xen,domain-shared-memory-v1"; role = "${role}"; xen,shm-id = "m"; xen,shared-mem = <0 0x47f00000 0 0x50000000 0 0x1000>; };`;
    const text = link() + link('', 'k') + domain('a', peer(0) + peer(1, '', 'k') + shared('owner')) + domain('b', peer(1));
    const [a, b] = planOf(text).config.partitions;
    expect(a?.pci?.functions).toEqual([
      { link: 0, peer: 0, ipa: 0x3000_0000, irq: 49 },
      { link: 1, peer: 1, ipa: 0x3000_9000, irq: 50 },
    ]);
    expect(b?.pci?.functions.map(({ irq }) => irq)).toEqual([48]);
  });

  it('may see the memory elsewhere, and a link may have memory of its own choice', () => {
    const { config } = planOf(
      link('partita,static-mem = <0 0x47000000 0 0x8000>;') + domain('a', peer(0, 'reg = <0 0x70000000 0 0x8000>;')),
    );
    expect(config.links?.[0]?.pa).toBe(0x4700_0000);
    const [table] = config.partitions[0]?.regions.filter(({ kind }) => kind === 'channel') ?? [];
    expect(table).toMatchObject({ ipa: 0x7000_0000, pa: 0x4700_0000 });
  });

  it('are no part of a system without links', () => {
    const { partition, host } = guestOf(domain('a', ''));
    expect([partition.pci, host, planOf(domain('a', '')).config.links]).toEqual([undefined, undefined, undefined]);
  });
});

describe('the PCI host in a guest’s device tree', () => {
  it('has the windows, and the interrupts of the functions', () => {
    const { host } = guestOf(link() + link('', 'k') + domain('a', peer(0) + peer(1, '', 'k')));
    expect(host?.compatible).toEqual(['pci-host-ecam-generic']);
    expect(host?.need('reg').cells()).toEqual([0, 0x1000_0000, 0, 0x10_0000]);
    expect(host?.need('ranges').cells()).toEqual([
      ...[0x0200_0000, 0, 0x2300_0000, 0, 0x2300_0000, 0, 0x10_0000],
      ...[0x4200_0000, 0, 0x3000_0000, 0, 0x3000_0000, 0, 0x8000],
      ...[0x4200_0000, 0, 0x3000_9000, 0, 0x3000_9000, 0, 0x8000],
    ]);
    expect(host?.need('interrupt-map').cells()).toEqual([0, 0, 0, 1, 1, 0, 16, 1, 0x800, 0, 0, 1, 1, 0, 17, 1]);
  });

  it.skipIf(!have('dtc'))('satisfies dtc', () => {
    const { dtb } = guestOf(link() + link('', 'k') + domain('a', peer(0) + peer(1, '', 'k')));
    const { stderr, status } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dtb'], { input: dtb });
    expect([stderr.toString(), status]).toEqual(['', 0]);
  });
});

describe('a description may not have', () => {
  const ONE = domain('a', peer(0));
  it.each([
    ['a link that is none', domain('a', peer(0)), /\/chosen\/a\/f0.*names "l", which no link is called/],
    ['a function beside the partitions', link() + peer(0, '', 'l', 'lost') + ONE, /\/chosen\/lost.* is in no partition/],
    ['a function in a link', link(peer(0)) + ONE, /\/chosen\/l\/f0.* is in no partition/],
    ['a peer that is none', link() + domain('a', peer(3)), /\/chosen\/a\/f3.*is 3; expected 0 to 2/],
    ['two links of one name', `${link()} x { ${link()} };${ONE}`, /the link \/chosen\/l has the same name/],
    ['a link of one', link('', 'l', 'partita,peers = <1>;') + ONE, /'partita,peers' is 1; expected 2 to 32 peers/],
    ['a link of too many', link('', 'l', 'partita,peers = <33>;') + ONE, /expected 2 to 32 peers/],
    ['a link without peers', link('', 'l', '') + ONE, /\/chosen\/l.*'partita,peers'/],
    ['half a page', link('', 'l', 'partita,peers = <2>; partita,output-size = <0x800>;') + ONE, /is 0x800 bytes; expected whole/],
    ['a huge section', link('', 'l', 'partita,peers = <2>; partita,read-write-size = <0x4001000>;') + ONE, /64 MiB at most/],
    ['a protocol of 17 bits', link('partita,protocol = <0x10000>;') + ONE, /is 0x10000; expected a number of 16 bits/],
    ['a link with what it has not', link('partita,vectors = <1>;') + ONE, /'partita,vectors' is not known for an ivshmem link/],
    [
      'a function with what it has not',
      link() + domain('a', peer(0, 'partita,disk = "x";')),
      /not known for an ivshmem function/,
    ],
    [
      'a function of no link',
      link() + domain('a', 'f { compatible = "partita,ivshmem"; partita,peer = <0>; };'),
      /'partita,link'/,
    ],
    [
      'a function of no number',
      link() + domain('a', 'f { compatible = "partita,ivshmem"; partita,link = "l"; };'),
      /'partita,peer'/,
    ],
    [
      'memory of another size',
      link('partita,static-mem = <0 0x47000000 0 0x7000>;') + ONE,
      /has 0x7000 bytes, the sections of \/chosen\/l have 0x8000/,
    ],
    ['a view of another size', link() + domain('a', peer(0, 'reg = <0 0x70000000 0 0x9000>;')), /has 0x9000 bytes, the sections/],
    ['memory that is none', link('partita,static-mem = <0 0x10000000 0 0x8000>;') + ONE, /is not within the board's memory/],
    ['memory amid a page', link('partita,static-mem = <0 0x47000800 0 0x8000>;') + ONE, /is no place for a memory/],
    ['a view above 4 GiB', link() + domain('a', peer(0, 'reg = <1 0 0 0x8000>;')), /whole 4 KiB pages below 4 GiB/],
    ['a view over RAM', link() + domain('a', peer(0, 'reg = <0 0x40001000 0 0x8000>;')), /link l at guest address 0x40001000/],
    ['a view beside RAM', link() + domain('a', peer(0, 'reg = <0 0x3fff8000 0 0x8000>;')), /a channel needs a free page/],
    [
      'a view over the PCI host',
      link() + domain('a', peer(0, 'reg = <0 0x10000000 0 0x8000>;')),
      /configuration space at 0x10000000 touch/,
    ],
    ['RAM over the PCI host', link() + domain('a', peer(0), 'partita,memory-map = <0 0x23000000 0 0x400000>;'), /overlap/],
    [
      'two views in one place',
      link() +
        link('', 'k') +
        domain('a', peer(0, 'reg = <0 0x70000000 0 0x8000>;') + peer(0, 'reg = <0 0x70008000 0 0x8000>;', 'k', 'g')),
      /link k at guest address 0x70008000 and link l at 0x70000000 touch/,
    ],
    [
      'too many functions',
      link() + domain('a', Array.from({ length: 33 }, (_, i) => peer(0, '', 'l', `f${i}`)).join('')),
      /is one of 33 ivshmem functions/,
    ],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
  });

  it.each([
    [
      'two partitions that are one peer',
      link() + domain('a', peer(0)) + domain('b', peer(0)),
      'makes "b" peer 0 of "l", which /chosen/a/f0 of "a" is already',
    ],
    [
      'memory of a partition in a link',
      link('partita,static-mem = <0 0x47000000 0 0x8000>;') + domain('a', peer(0), 'xen,static-mem = <0 0x46c01000 0 0x400000>;'),
      'overlaps',
    ],
  ])('%s, for that is a way between them', (_, text, problem) => {
    const found = problemsOf(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^isolation: .*test\.dts:4:/);
    expect(found[0]).toContain(problem);
  });
});
