/** What is wrong with a system: each fault named with its place. */
import { describe, expect, it } from 'vitest';
import { GUEST } from '../../../../core/machine/system/guest-map.ts';
import { elf, planOf, problemsOf } from '../rig.ts';

const KERNEL = 'module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; };';

/** A partition of 1 MiB, on its line as it stands here. */
const domain = (name: string, more = '', below = ''): string =>
  `    ${name} { compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>; ${more} ${KERNEL} ${below} };`;

const shared = (id: string, role: string, pa = '0x0 0x47000000', more = ''): string =>
  `shm@0 { compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "${id}"; ${role} xen,shared-mem = <${pa} 0x0 0x70000000 0x0 0x10000>; ${more} };`;

const OWNER = 'role = "owner";';
const BORROWER = 'role = "borrower";';

describe('a sound system', () => {
  it('has nothing wrong with it', () => {
    expect(problemsOf([domain('a'), domain('b')].join('\n'))).toEqual([]);
  });

  it('gives each partition memory of its own, and the hypervisor the first of it', () => {
    const { config } = planOf([domain('a'), domain('b')].join('\n'));
    expect(config.heap.base).toBe(0x4000_0000);
    const ram = config.partitions.flatMap(({ regions }) => regions.filter(({ kind }) => kind === 'ram'));
    expect(ram.map(({ ipa, size, writable, executable }) => ({ ipa, size, writable, executable }))).toEqual([
      { ipa: GUEST.RAM, size: 0x10_0000, writable: true, executable: true },
      { ipa: GUEST.RAM, size: 0x10_0000, writable: true, executable: true },
    ]);
    const taken = [...ram.map(({ pa, size }) => ({ base: pa, size })), config.heap].sort((x, y) => x.base - y.base);
    for (const [i, { base, size }] of taken.entries()) {
      expect(base + size).toBeLessThanOrEqual(taken[i + 1]?.base ?? 0x4800_0000);
    }
  });

  it('puts a partition where xen,static-mem says', () => {
    const { config } = planOf(domain('a', 'xen,static-mem = <0x0 0x46000000 0x0 0x100000>;'));
    expect(config.partitions[0]?.regions[0]).toMatchObject({ ipa: GUEST.RAM, pa: 0x4600_0000, size: 0x10_0000 });
  });

  it('leaves a partition with direct-map the addresses of the board', () => {
    const { config } = planOf(domain('a', 'direct-map; xen,static-mem = <0x0 0x46000000 0x0 0x100000>;'));
    expect(config.partitions[0]?.regions[0]).toMatchObject({ ipa: 0x4600_0000, pa: 0x4600_0000 });
    expect(config.partitions[0]?.guestGic).toEqual({ distributor: 0x0800_0000, cpuInterface: 0x0801_0000 });
  });

  it('shows the guest its memory where partita,memory-map says, piece by piece', () => {
    const split = 'xen,static-mem = <0x0 0x46000000 0x0 0x40000>, <0x0 0x46800000 0x0 0xc0000>;';
    const seen = 'partita,memory-map = <0x0 0x40000000 0x0 0x80000>, <0x0 0x50000000 0x0 0x80000>;';
    const { config, findings } = planOf(domain('a', split + seen));
    expect(findings.list).toEqual([]);
    expect(config.partitions[0]?.regions.map(({ ipa, pa, size }) => [ipa, pa, size])).toEqual([
      [0x4000_0000, 0x4600_0000, 0x4_0000],
      [0x4004_0000, 0x4680_0000, 0x4_0000],
      [0x5000_0000, 0x4684_0000, 0x8_0000],
    ]);
  });

  it('joins the two ends of a channel: memory, doorbells and who may write', () => {
    const evtchn = (label: string, remote: string) =>
      `${label}: evtchn@1 { compatible = "xen,evtchn-v1"; xen,evtchn = <1 &${remote}>; partita,channel = "link"; };`;
    const { config, findings } = planOf(
      [
        domain('a', '', shared('link', OWNER) + evtchn('ea', 'eb')),
        domain('b', '', shared('link', BORROWER, undefined, 'partita,access = "read-only";') + evtchn('eb', 'ea')),
      ].join('\n'),
    );
    expect(findings.list).toEqual([]);
    expect(config.partitions.map(({ channels }) => channels)).toEqual([
      [{ name: 'link', ipa: 0x7000_0000, size: 0x1_0000, writable: true, doorbell: 48, peers: [{ partition: 1, channel: 0 }] }],
      [{ name: 'link', ipa: 0x7000_0000, size: 0x1_0000, writable: false, doorbell: 48, peers: [{ partition: 0, channel: 0 }] }],
    ]);
    const regions = config.partitions.map((partition) => partition.regions.find(({ kind }) => kind === 'channel'));
    expect(regions).toMatchObject([
      { pa: 0x4700_0000, writable: true, executable: false },
      { pa: 0x4700_0000, writable: false, executable: false },
    ]);
  });

  it('gives a device to its partition: pages at their own address, interrupts under their own number', () => {
    const { config } = planOf(
      `    a { compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>; partita,devices = <&{/pl031@9010000}>; ${KERNEL} };`,
    );
    expect(config.partitions[0]?.regions).toContainEqual({
      kind: 'device',
      name: 'pl031@9010000',
      ipa: 0x901_0000,
      pa: 0x901_0000,
      size: 0x1000,
      writable: true,
      executable: false,
    });
    expect(config.partitions[0]?.interrupts).toEqual([{ physical: 34, virtual: 34, edge: false }]);
  });

  it('places images as each kind wants it', () => {
    const zImage = new Uint8Array(64);
    new DataView(zImage.buffer).setUint32(0x24, 0x016f2818, true);
    const entry = (image: Uint8Array, more = '') =>
      planOf(domain('a', '', '').replace('partita,image', `${more} partita,image`), { 'boards/virt/image.bin': image }).config
        .partitions[0]?.entry;
    expect(entry(Uint8Array.of(1, 2, 3, 4))).toMatchObject({ address: 0x4000_8000, thumb: false });
    expect(entry(zImage)).toMatchObject({ address: 0x4001_0000, thumb: false });
    expect(entry(elf([0], 0x4002_0000))).toMatchObject({ address: 0x4002_0000, thumb: false });
    expect(entry(elf([0], 0x4002_0001))).toMatchObject({ address: 0x4002_0000, thumb: true });
    expect(entry(Uint8Array.of(1), 'partita,load-address = <0x0 0x40000000>;')).toMatchObject({ address: 0x4000_0000 });
  });
});

describe('a faulty system is refused by file, line and node', () => {
  it.each([
    [
      'overlapping static memory',
      [
        domain('a', 'xen,static-mem = <0x0 0x46000000 0x0 0x100000>;'),
        domain('b', 'xen,static-mem = <0x0 0x460ff000 0x0 0x100000>;'),
      ],
      [
        /^isolation: boards\/virt\/test\.dts:5:\d+: \/chosen\/b: property 'xen,static-mem' 0x460ff000-0x461fefff of b overlaps 0x46000000-0x460fffff of a$/,
      ],
    ],
    [
      'a device given twice',
      [domain('a', 'partita,devices = <&{/pl031@9010000}>;'), domain('b', 'partita,devices = <&{/pl031@9010000}>;')],
      [
        /^isolation: boards\/virt\/test\.dts:5:\d+: \/chosen\/b: property 'partita,devices' gives \/pl031@9010000 to "b", which "a" has already$/,
      ],
    ],
    [
      'the interrupt controller given away',
      [domain('a', 'partita,devices = <&gic>;')],
      [/^isolation: .*test\.dts:4:.*gives \/intc@8000000 to "a": the interrupt controller is the hypervisor's$/],
    ],
    [
      'a device with DMA given away',
      [domain('a', 'partita,devices = <&{/fw-cfg@9020000}>;')],
      [/^isolation: .*test\.dts:4:.*gives \/fw-cfg@9020000 to "a": its DMA reaches all memory$/],
    ],
    [
      'devices of two partitions in one page',
      [domain('a', 'partita,devices = <&{/virtio_mmio@a000000}>;'), domain('b', 'partita,devices = <&{/virtio_mmio@a000200}>;')],
      [/^isolation: .*test\.dts:5:.*\/virtio_mmio@a000200 shares the page 0xa000000 with \/virtio_mmio@a000000 of "a"$/],
    ],
    [
      'what no partition has',
      [domain('a', 'frames { compatible = "partita,ivshmen"; };')],
      [/test\.dts:4:.*\/chosen\/a\/frames: is nothing that a partition has; expected compatible = "multiboot,module" or/],
    ],
    [
      'a value for what has none',
      [domain('a', 'partita,management = "no";')],
      [/test\.dts:4:.*'partita,management' has a value; expected none/],
    ],
    [
      'memory where the virtual UART answers',
      [domain('a', 'vpl011; partita,memory-map = <0x0 0x21f80000 0x0 0x100000>;')],
      [/test\.dts:4:.*RAM at guest address 0x21f80000 and the virtual UART at 0x22000000 overlap$/],
    ],
    [
      'shared memory without an owner',
      [domain('a', '', shared('link', BORROWER)), domain('b', '', shared('link', BORROWER))],
      [
        /^isolation: boards\/virt\/test\.dts:4:\d+: \/chosen\/a\/shm@0: shared memory "link" has no owner\. Give one of its ends role = "owner"\.$/,
      ],
    ],
    [
      'shared memory with two owners',
      [domain('a', '', shared('link', OWNER)), domain('b', '', shared('link', OWNER))],
      [/^isolation: boards\/virt\/test\.dts:5:\d+: \/chosen\/b\/shm@0: shared memory "link" has 2 owners; expected one$/],
    ],
    [
      'shared memory that is elsewhere for the other end',
      [domain('a', '', shared('link', OWNER)), domain('b', '', shared('link', BORROWER, '0x0 0x47100000'))],
      [/^isolation: boards\/virt\/test\.dts:5:.*places shared memory "link" elsewhere than \/chosen\/a\/shm@0 does$/],
    ],
    [
      'shared memory inside a partition',
      [domain('a', 'xen,static-mem = <0x0 0x47000000 0x0 0x100000>;'), domain('b', '', shared('link', OWNER))],
      [/^isolation: boards\/virt\/test\.dts:5:.*of shared memory "link" overlaps 0x47000000-0x470fffff of a$/],
    ],
    [
      'memory that the board does not have',
      [domain('a', 'xen,static-mem = <0x0 0x90000000 0x0 0x100000>;')],
      [/test\.dts:4:.*is not within the board's memory/],
    ],
    [
      'more memory than there is',
      [domain('a').replace('1024', '204800')],
      [/test\.dts:4:.*\/chosen\/a: no room for 204800 KiB of "a"/],
    ],
    ['a syntax error', ['    a {', '      memory = <0x0 >>;', '    };'], [/^boards\/virt\/test\.dts:5:\d+: /]],
    [
      'an unknown property',
      [domain('a', 'partita,unknown;')],
      [/test\.dts:4:.*'partita,unknown' is not known for a partition\. See docs\/bindings\.md\.$/],
    ],
    ['no partitions', [''], [/the system has no partitions; expected nodes with compatible = "xen,domain"/]],
    [
      'a core that the board does not have',
      [domain('a', 'partita,cores = <1>;')],
      [/test\.dts:4:.*'partita,cores' names core 1; expected 0 to 0/],
    ],
    ['an image that is missing', [domain('a').replace('image.bin', 'none.bin')], [/test\.dts:4:.*"none\.bin" cannot be read/]],
    ['no kernel', [domain('a').replace(KERNEL, '')], [/test\.dts:4:.*\/chosen\/a: the partition has no kernel/]],
    [
      'a doorbell that leads nowhere',
      [
        domain(
          'a',
          '',
          `${shared('link', OWNER)} evtchn@1 { compatible = "xen,evtchn-v1"; xen,evtchn = <1 &gic>; partita,channel = "link"; };`,
        ),
      ],
      [/test\.dts:4:.*'xen,evtchn' leads to no other end/],
    ],
    [
      'a channel without guard pages',
      [domain('a', 'partita,memory-map = <0x0 0x6ff00000 0x0 0x100000>;', shared('link', OWNER))],
      [/touch: a channel needs a free page on either side/],
    ],
    ['no memory', [domain('a').replace('memory = <0x0 1024>;', '')], [/test\.dts:4:.*property 'memory' is missing/]],
    ['too little memory', [domain('a').replace('1024', '3')], [/test\.dts:4:.*'memory' is 3 KiB; expected a multiple of 4/]],
    ['nine vCPUs', [domain('a').replace('cpus = <1>', 'cpus = <9>')], [/test\.dts:4:.*'cpus' is 9; expected 1 to 8/]],
    [
      'an unknown answer to faults',
      [domain('a', 'partita,on-fault = "panic";')],
      [/test\.dts:4:.*'partita,on-fault' is "panic"; expected "log", "restart" or "stop"/],
    ],
  ] as readonly [string, readonly string[], readonly RegExp[]][])('%s', (_, lines, expected) => {
    const found = problemsOf(lines.join('\n'));
    expect(found.length).toBeGreaterThanOrEqual(expected.length);
    for (const [i, pattern] of expected.entries()) expect(found[i]).toMatch(pattern);
  });

  it('an image for another machine, by the line that names it', () => {
    const foreign = elf([0], 0x4000_8000);
    foreign[18] = 62;
    expect(problemsOf(domain('a'), { 'boards/virt/image.bin': foreign })).toEqual([
      expect.stringMatching(/test\.dts:4:.*"image\.bin" cannot be used: an ELF file for x86-64: 32-bit Arm is needed$/),
    ]);
  });

  it('all that can be seen at once, not only the first', () => {
    const lines = [
      domain('a', 'xen,static-mem = <0x0 0x46000000 0x0 0x100000>; partita,cores = <3>;'),
      domain('b', 'xen,static-mem = <0x0 0x46000000 0x0 0x100000>;').replace('image.bin', 'none.bin'),
    ];
    expect(problemsOf(lines.join('\n')).length).toBe(3);
  });
});
