/** What the hypervisor takes for granted is found before it starts: whatever passes the check can be brought up. */
import { describe, expect, it } from 'vitest';
import { ASSIGNABLE, BINDINGS, modelOf } from '../../../../core/machine/bindings.ts';
import { parseDts } from '../../../../core/machine/devicetree/dts-parser.ts';
import { DeviceTreeError } from '../../../../core/machine/devicetree/error.ts';
import { plan } from '../../../../core/machine/system/plan.ts';
import { startSystem } from '../../../../core/machine/system/system.ts';
import { filesWith, planOf, problemsOf, readBoard } from '../rig.ts';

const KERNEL = 'module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; };';

const domain = (more: string, below = '', name = 'a', kib = 1024): string =>
  `    ${name} { compatible = "xen,domain"; cpus = <1>; memory = <0x0 ${kib}>; ${more} ${KERNEL} ${below} };`;

const shared = (pa: string, ipa: string, size = '0x0 0x10000'): string =>
  `shm@0 { compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "s"; role = "owner"; xen,shared-mem = <${pa} ${ipa} ${size}>; };`;

/** A board with one more device, and a partition that has it. */
function withDevice(node: string, more = '', board = 'virt') {
  return problemsOn(board, `dev: ${node} chosen { ${domain(`partita,devices = <&dev>; ${more}`)} };`);
}

function systemOn(board: string, nodes: string) {
  const files = filesWith({
    [`boards/${board}/test.dts`]: `#include "board.dts"\n/ {\n ${nodes} };\n`,
    [`boards/${board}/image.bin`]: Uint8Array.of(1),
  });
  return { files, tree: parseDts(`boards/${board}/test.dts`, files) };
}

function problemsOn(board: string, nodes: string): string[] {
  const { tree, files } = systemOn(board, nodes);
  try {
    return plan(tree, files).findings.list.map(({ error, isolation }) => `${isolation ? 'isolation: ' : ''}${error.message}`);
  } catch (error) {
    if (!(error instanceof DeviceTreeError)) throw error;
    return [error.message];
  }
}

describe('ranges that stage 2 cannot map are refused by line', () => {
  it.each([
    ['static memory off a page', domain('xen,static-mem = <0x0 0x41000800 0x0 0x100000>;')],
    ['static memory of no size', domain('xen,static-mem = <0x0 0x41000000 0x0 0x0>, <0x0 0x42000000 0x0 0x100000>;')],
    [
      'static memory that ends within a page',
      domain('xen,static-mem = <0x0 0x41000000 0x0 0xff800>, <0x0 0x42000000 0x0 0x800>;'),
    ],
    ['a memory map off a page', domain('partita,memory-map = <0x0 0x40000800 0x0 0x100000>;')],
    ['a memory map beyond 40 bits', domain('partita,memory-map = <0xff 0xfff80000 0x0 0x100000>;')],
    ['a memory map beyond all addresses', domain('partita,memory-map = <0xffffffff 0xfff80000 0x0 0x100000>;')],
    ['a channel beyond 40 bits', domain('', shared('0x0 0x47000000', '0x100 0x0'))],
    ['a channel off a page', domain('', shared('0x0 0x47000000', '0x0 0x70000400'))],
    ['a channel that wraps around', domain('', shared('0x0 0x47000000', '0x0 0x70000000', '0xffffffff 0xfffff000'))],
  ])('%s', (_, text) => {
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/test\.dts:4:\d+: .*(whole 4 KiB pages, at least one, below 2\^40|beyond 2\^53)/),
    ]);
  });

  it.each([
    [
      'a device tree off its alignment',
      'partita,device-tree-address = <0x0 0x40000004>;',
      /is 0x40000004; expected a multiple of 8 below 4 GiB/,
    ],
    ['a device tree out of RAM', 'partita,device-tree-address = <0x0 0x50000000>;', /is 0x50000000: \d+ bytes do not fit there/],
    [
      'RAM that no kernel can run in',
      'partita,memory-map = <0x1 0x0 0x0 0x100000>;',
      /goes to 0x100008000, which a 32-bit processor/,
    ],
    [
      'a map where there is none',
      'direct-map; partita,memory-map = <0x0 0x40000000 0x0 0x100000>;',
      /'partita,memory-map' contradicts/,
    ],
    [
      'less static memory than memory',
      'direct-map; xen,static-mem = <0x0 0x41000000 0x0 0x80000>;',
      /'xen,static-mem' adds up to 512 KiB/,
    ],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(domain(text))).toEqual([expect.stringMatching(expected)]);
  });

  it('a load address off its alignment', () => {
    const text = domain('').replace('partita,image', 'partita,load-address = <0x0 0x40000002>; partita,image');
    expect(problemsOf(text)).toEqual([expect.stringMatching(/is 0x40000002; expected a multiple of 4 below 4 GiB/)]);
  });

  it('more partitions than VMIDs', () => {
    const text = Array.from({ length: 256 }, (_, i) => domain('', '', `p${i}`, 64)).join('\n');
    expect(problemsOf(text)).toEqual([expect.stringMatching(/p255: there are 256 partitions; expected at most 255/)]);
  });

  it('but memory in single pages only gives the hypervisor more room for tables', () => {
    const text = (memory: string) =>
      `#include "board.dts"\n/ { memory@40000000 { reg = <0x0 0x40000000 0x0 0x80000000>; }; chosen {\n${domain(memory, '', 'a', 0x140000)} }; };\n`;
    const files = filesWith({
      'boards/virt/test.dts': text('xen,static-mem = <0x0 0x60001000 0x0 0x50000000>;'),
      'boards/virt/image.bin': Uint8Array.of(1),
    });
    expect(() => startSystem(parseDts('boards/virt/test.dts', files), files)).not.toThrow();
  });
});

describe('a partition gets only devices that reach nothing else', () => {
  it.each(['virt', 'vexpress-a15'] as const)(
    '%s: every device of the board is given or refused, and what is given starts',
    (board) => {
      for (const node of readBoard(board).root.walk()) {
        const nodes = `chosen { ${domain(`direct-map; partita,devices = <&{${node.path}}>;`)} };`;
        const [problem] = problemsOn(board, nodes);
        const may = ASSIGNABLE.includes(modelOf(node) ?? '');
        expect(problem === undefined, `${node.path}: ${problem}`).toBe(may);
        if (!may || modelOf(node) === 'virtio,mmio') continue;
        const { tree, files } = systemOn(board, nodes);
        startSystem(tree, files);
      }
    },
    30_000,
  );

  it('none of which has a way to reset the board or to reach memory', () => {
    expect(
      Object.keys(BINDINGS)
        .filter((name) => ASSIGNABLE.includes(name))
        .sort(),
    ).toEqual([
      'arm,pl011',
      'arm,pl031',
      'arm,pl061',
      'arm,sp804',
      'arm,vexpress-vram',
      'cfi-flash',
      'mmio-sram',
      'mtd-ram',
      'virtio,mmio',
    ]);
  });

  const REG = 'reg = <0x0 0x0b000000 0x0 0x1000>;';
  it.each([
    ['a watchdog', `w { compatible = "arm,sp805"; ${REG} };`, /^isolation: .*gives \/w to "a": it resets the whole board$/],
    [
      'what nothing models',
      `w { compatible = "acme,dma"; ${REG} };`,
      /^isolation: .*nothing models it, so nothing says what it reaches$/,
    ],
    ['a name of every object', `w { compatible = "constructor"; ${REG} };`, /^isolation: .*nothing models it/],
    [
      'no device',
      'w { compatible = "arm,pl011"; };',
      /'partita,devices' names \/w, which is no device of the board; expected a node with/,
    ],
    [
      'one that is not there',
      `w { compatible = "arm,pl031"; status = "disabled"; ${REG} };`,
      /'partita,devices' names \/w, which is no device of the board/,
    ],
    [
      '2 GiB',
      'w { compatible = "arm,pl031"; reg = <0x1 0x0 0x0 0x80000000>; };',
      /\/w has 0x80000000 bytes at 0x100000000: a device has/,
    ],
    ['2^52 bytes', 'w { compatible = "arm,pl031"; reg = <0x1 0x0 0x100000 0x0>; };', /a device has 1 byte to 256 MiB/],
    [
      'none beyond 2^40',
      'w { compatible = "arm,pl031"; reg = <0x100 0x0 0x0 0x1000>; };',
      /a device has 1 byte to 256 MiB, below 2\^40/,
    ],
    [
      'the neighbour of fw_cfg',
      'w { compatible = "arm,pl031"; reg = <0x0 0x09020800 0x0 0x10>; };',
      /^isolation: .*\/w shares a page with \/fw-cfg@9020000: its DMA/,
    ],
    [
      'an interrupt the GIC lacks',
      `w { compatible = "arm,pl031"; ${REG} interrupts = <0 5000 4>; };`,
      /test\.dts:3:\d+: .*'interrupts' has interrupt <0 5000 4>; expected a shared one of the GIC: <0 number flags>, 0 to 255/,
    ],
    [
      'a private interrupt',
      `w { compatible = "arm,pl031"; ${REG} interrupts = <1 5 4>; };`,
      /'interrupts' has interrupt <1 5 4>; expected a shared one/,
    ],
  ])('%s', (_, node, expected) => {
    expect(withDevice(node)).toContainEqual(expect.stringMatching(expected));
  });

  it.each(['&{/}', '&{/timer}', '&{/memory@40000000}'])('%s is refused', (reference) => {
    expect(problemsOf(domain(`partita,devices = <${reference}>;`)).length).toBeGreaterThan(0);
  });
});

describe('interrupts of a guest do not collide', () => {
  const BELL = (label: string, remote: string) =>
    `${label}: bell { compatible = "xen,evtchn-v1"; xen,evtchn = <1 &${remote}>; partita,channel = "s"; };`;

  it('a doorbell goes around those of the devices', () => {
    const text = [
      domain('partita,devices = <&{/virtio_mmio@a000000}>;', shared('0x0 0x47000000', '0x0 0x70000000') + BELL('x', 'y')),
      domain('', shared('0x0 0x47000000', '0x0 0x70000000').replace('owner', 'borrower') + BELL('y', 'x'), 'b'),
    ].join('\n');
    const { config, findings } = planOf(text);
    expect(findings.list).toEqual([]);
    expect(config.partitions.map(({ channels }) => channels[0]?.doorbell)).toEqual([49, 48]);
  });

  it('a device with the interrupt of the virtual UART is refused', () => {
    const device = 'w { compatible = "arm,pl031"; reg = <0x0 0x0b000000 0x0 0x1000>; interrupts = <0 0 4>; };';
    expect(withDevice(device)).toEqual([]);
    expect(withDevice(device, 'vpl011;')).toEqual([
      expect.stringMatching(
        /'partita,devices' gives \/w, whose interrupt 32 the virtual UART has\. Leave out 'vpl011', or the device\.$/,
      ),
    ]);
  });
});

describe('names', () => {
  it.each(['serial0'])('a partition may not be called %s as a console of the board is', (name) => {
    expect(problemsOf(domain('', '', name))).toEqual([
      expect.stringMatching(
        /test\.dts:4:\d+: \/chosen\/serial0: the name "serial0" is one that a console of the board has\. Choose another\.$/,
      ),
    ]);
  });

  it('a UART without an alias has its node for a name', () => {
    const text = `${domain('', '', 'uart@b000000')} }; uart@b000000 { compatible = "arm,pl011"; reg = <0x0 0x0b000000 0x0 0x1000>;`;
    expect(problemsOf(text)).toEqual([expect.stringMatching(/the name "uart@b000000" is one that a console of the board has/)]);
  });

  it('two partitions of one name are refused', () => {
    expect(problemsOf(`${domain('')}\n${domain('')}`)).toEqual([
      expect.stringMatching(/test\.dts:5:\d+: .*node 'a' stands twice in these braces/),
    ]);
  });
});
