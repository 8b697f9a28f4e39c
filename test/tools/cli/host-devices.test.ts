import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseDts } from '../../../core/machine/devicetree/dts-parser.ts';
import type { Node } from '../../../core/machine/devicetree/tree.ts';
import { Machine } from '../../../core/machine/machine.ts';
import { createQcow2, USUAL } from '../../../core/storage/qcow2/create.ts';
import { HostDevices, withDevices } from '../../../tools/cli/host-devices.ts';
import { createFile } from '../../../tools/cli/image-files.ts';
import { addDevices } from '../../../tools/cli/slots.ts';
import { filesWith } from '../../core/machine/rig.ts';
import { NET } from '../../support/net-option.ts';

const folder = mkdtempSync(join(tmpdir(), 'host-'));
const image = join(folder, 'disk.img');
beforeEach(() => writeFileSync(image, new Uint8Array(4096)));
afterAll(() => rmSync(folder, { recursive: true }));

const treeOf = (text: string) => parseDts('a.dts', filesWith({ 'a.dts': `/dts-v1/;\n/ {\n${text}\n};\n` }));
const nodeOf = (properties: string): Node => treeOf(`n { ${properties} };`).root.find('/n') as Node;

describe('a disk of the host', () => {
  const diskOf = (host: HostDevices, more = '') => host.disk(image, nodeOf(`partita,disk = "${image}"; ${more}`));
  const written = () => readFileSync(image)[513];

  it('is written, and closed', () => {
    const host = new HostDevices({ snapshot: false });
    const disk = diskOf(host);
    expect(disk?.write(512, new Uint8Array(512).fill(7)).ok).toBe(true);
    expect([host.close(), written()]).toEqual([[], 7]);
    const again = new HostDevices({ snapshot: false });
    expect(diskOf(again)?.readOnly).toBe(false);
    again.close();
  });

  it.each([
    ['partita,snapshot', false, 'partita,snapshot;'],
    ['--snapshot', true, ''],
  ])('keeps changes in memory with %s', (_, snapshot, more) => {
    const host = new HostDevices({ snapshot });
    const disk = diskOf(host, `${more} partita,format = "raw";`);
    expect(disk?.write(512, new Uint8Array(512).fill(7)).ok).toBe(true);
    const sector = new Uint8Array(512);
    disk?.read(512, sector);
    expect([sector[1], host.close(), written()]).toEqual([7, [], 0]);
  });

  it('is not written with partita,read-only, whatever else is said', () => {
    const host = new HostDevices({ snapshot: true });
    const disk = diskOf(host, 'partita,read-only;');
    expect([disk?.readOnly, disk?.write(0, new Uint8Array(512)).ok]).toEqual([true, false]);
    host.close();
  });

  it('has changes in memory that are state of the machine', () => {
    const make = (fill: number) => {
      const tree = parseDts('boards/virt/board.dts', filesWith({}));
      addDevices(tree.root, [{ kind: 'block', file: image, format: 'raw', use: 'snapshot' }], undefined);
      const host = new HostDevices({ snapshot: false });
      const virtio = {
        disk: (name: string, node: Node) => {
          const disk = host.disk(name, node);
          if (fill > 0) disk?.write(0, new Uint8Array(512).fill(fill));
          return disk;
        },
      };
      const machine = new Machine(tree, { virtualization: false, virtio });
      host.join(machine);
      host.close();
      return machine;
    };
    const hashes = [0, 0, 7].map((fill) => make(fill).stateHash());
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });
});

describe('what partitions have of the host', () => {
  const kept = join(folder, 'kept');
  const link = join(folder, 'link');
  const chain = join(folder, 'chain.qcow2');
  beforeAll(() => {
    mkdirSync(join(kept, 'inner'), { recursive: true });
    symlinkSync(kept, link);
    writeFileSync(join(kept, 'base.img'), new Uint8Array(4096));
    const file = createFile(chain, false);
    createQcow2(file, { ...USUAL, size: 4096, backing: { name: 'kept/base.img', format: 'raw' } });
    file.close();
  });

  const at = (owner: string, properties: string): Node =>
    treeOf(`chosen { ${owner} { n { ${properties} }; }; };`).root.find(`/chosen/${owner}/n`) as Node;
  const folderOf = (host: HostDevices, owner: string, place: string, writable: boolean) =>
    host.folder(place, writable, at(owner, `partita,folder = "${place}";`));
  const diskOf = (host: HostDevices, owner: string, place: string) => host.disk(place, at(owner, `partita,disk = "${place}";`));

  it.each([
    ['a folder that another writes', kept],
    ['one by a link', link],
    ['one within', join(link, 'inner')],
    ['one around', folder],
  ])('is not %s', (_, place) => {
    const host = new HostDevices({ snapshot: false });
    folderOf(host, 'a', kept, true);
    expect(() => folderOf(host, 'b', place, false)).toThrow(
      /'partita,folder' cannot be used: .*: \/chosen\/a has .*kept, and one of them/,
    );
    expect(() => folderOf(host, 'a', place, false)).not.toThrow();
  });

  it.each([
    ['which it lies over', chain, true],
    ['in which it is, if it writes it', image, false],
  ])('is no disk of a folder of another %s', (_, disk, writable) => {
    const host = new HostDevices({ snapshot: false });
    folderOf(host, 'a', writable ? link : folder, writable);
    expect(() => diskOf(host, 'b', disk)).toThrow(/'partita,disk' cannot be used: .*: \/chosen\/a has/);
    expect(host.close()).toEqual([]);
  });

  it('may be the same as long as nobody writes it', () => {
    const host = new HostDevices({ snapshot: true });
    folderOf(host, 'a', kept, false);
    folderOf(host, 'b', link, false);
    diskOf(host, 'c', chain);
    expect(host.close()).toEqual([]);
  });
});

describe('a capture of the host', () => {
  it('is a file of what was written, and takes the place of an earlier one', () => {
    const file = join(folder, 'a.pcap');
    for (const length of [100_000, 10]) {
      const host = new HostDevices({ snapshot: false });
      const sink = host.capture(file, nodeOf(`partita,capture = "${file}";`));
      sink?.(Uint8Array.of(0x4d, 0x3c, 0xb2, 0xa1));
      host.begin();
      sink?.(new Uint8Array(length));
      expect([host.close(), readFileSync(file).length]).toEqual([[], length + 4]);
    }
  });

  it('leaves an earlier one as it is where the run does not begin', () => {
    const file = join(folder, 'kept.pcap');
    const earlier = Buffer.from('4d3cb2a100', 'hex');
    writeFileSync(file, earlier);
    const host = new HostDevices({ snapshot: false });
    host.capture(file, nodeOf(`partita,capture = "${file}";`))?.(new Uint8Array(100_000));
    expect([host.close(), readFileSync(file)]).toEqual([[], earlier]);
  });

  it('takes the place of nothing else', () => {
    writeFileSync(join(folder, 'b'), 'text');
    expect(() =>
      new HostDevices({ snapshot: false }).capture(join(folder, 'b'), nodeOf(`partita,capture = "${folder}/b";`)),
    ).toThrow(/'partita,capture' cannot be used: .*it is there already, and no capture/);
    expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('text');
  });
});

it('files are given back also when the run fails', async () => {
  const disk = nodeOf(`partita,disk = "${image}";`);
  const failing = withDevices({ snapshot: false }, (host) => {
    host.disk(image, disk);
    throw new Error('stopped');
  });
  await expect(failing).rejects.toThrow('stopped');
  expect(await withDevices({ snapshot: false }, async (host) => (host.disk(image, disk)?.readOnly === false ? 3 : 1))).toBe(3);
});

describe('slots', () => {
  it('give a port of its own on the switch to each network device, with addresses as QEMU has them', () => {
    const tree = parseDts('boards/virt/board.dts', filesWith({}));
    const net = { ...NET, vlan: 3, rate: 5e9 };
    addDevices(tree.root, [net, { ...net, vlan: undefined, rate: undefined }], 2);
    const [first, second] = ['/virtio_mmio@a003e00', '/virtio_mmio@a003c00'].map((path) => tree.root.find(path));
    expect(first?.get('local-mac-address')?.value[5]).toBe(0x56);
    expect(second?.get('local-mac-address')?.value[5]).toBe(0x57);
    expect([first, second].map((node) => node?.get('partita,port')?.string())).toEqual(['net0', 'net1']);
    expect(tree.root.find('/lan/net0')?.get('partita,rate')?.cells()).toEqual([1, 5e9 - 2 ** 32]);
    expect(new Machine(tree, { virtualization: false }).networks.parts.length).toBe(1);
  });

  it('leave a switch without ports as it is', () => {
    const { root } = treeOf(`#address-cells = <1>; #size-cells = <1>; lan { compatible = "partita,switch"; };
      v@1000 { compatible = "virtio,mmio"; reg = <0x1000 0x200>; };`);
    const net = { ...NET, vlan: 3 };
    expect(() => addDevices(root, [net], undefined)).toThrow("--net lan: the description's switch has no ports");
  });
});
