import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { HEADER } from '../../../../core/machine/devicetree/dtb-layout.ts';
import { readDtb } from '../../../../core/machine/devicetree/dtb-reader.ts';
import { writeDtb } from '../../../../core/machine/devicetree/dtb-writer.ts';
import { have } from '../../../support/oracles.ts';
import { complaint, dtc, parse } from './sources.ts';

const GOOD = writeDtb(parse('/memreserve/ 1 2; / { a = <1>; b { c = "text"; d { }; }; };'));

/** The good file with a field of its header changed, or a word at an offset. */
function changed(where: keyof typeof HEADER | number, value: number): Uint8Array {
  const bytes = GOOD.slice();
  new DataView(bytes.buffer).setUint32(typeof where === 'number' ? where : HEADER[where], value);
  return bytes;
}

function message(bytes: Uint8Array): string {
  return complaint(() => readDtb(bytes, 'x.dtb')).message;
}

/** Offset of the structure block: header, one reservation and the end. */
const STRUCTURE = 40 + 32;

describe('reading', () => {
  it('gives back what was written', () => {
    const tree = readDtb(GOOD, 'x.dtb');
    expect(tree.reservations).toEqual([{ address: 1n, size: 2n }]);
    expect(tree.root.need('a').cell()).toBe(1);
    expect(tree.root.find('/b/d')?.path).toBe('/b/d');
    expect(tree.root.find('/b')?.get('c')?.string()).toBe('text');
    expect(writeDtb(tree)).toEqual(GOOD);
  });

  it.skipIf(!have('dtc', 'qemu-system-arm'))("rewrites the tree of QEMU's virt machine as dtc does", () => {
    const folder = mkdtempSync(`${tmpdir()}/dtb-`);
    try {
      spawnSync('qemu-system-arm', ['-M', `virt,dumpdtb=${folder}/x.dtb`, '-cpu', 'cortex-a15', '-smp', '2']);
      const bytes = readFileSync(`${folder}/x.dtb`);
      expect(Buffer.from(writeDtb(readDtb(bytes, 'x.dtb')))).toEqual(dtc('dtb', bytes));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!have('dtc'))('keeps the boot processor, skips NOPs and reads version 16', () => {
    const bytes = changed('boot_cpuid_phys', 3);
    expect(readDtb(bytes, 'x.dtb').bootCpu).toBe(3);
    const old = changed('version', 16);
    old.set([0xff, 0xff, 0xff, 0xff], HEADER.size_dt_struct);
    expect(Buffer.from(writeDtb(readDtb(old, 'x.dtb')))).toEqual(dtc('dtb', old));
    const withNops = changed(STRUCTURE + 8, 4);
    withNops.set([0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4], STRUCTURE + 12);
    expect(readDtb(withNops, 'x.dtb').root.has('a')).toBe(false);
    expect(Buffer.from(writeDtb(readDtb(withNops, 'x.dtb')))).toEqual(dtc('dtb', withNops));
  });

  it('drops a name property that repeats the name, and refuses one that lies', () => {
    const nameless = writeDtb(parse('/ { n@1 { }; };'));
    const named = parse('/ { n@1 { }; };');
    named.root.find('/n@1')!.set('name', 'n');
    expect(writeDtb(readDtb(writeDtb(named), 'x.dtb'))).toEqual(nameless);
    named.root.find('/n@1')!.set('name', 'm');
    expect(message(writeDtb(named))).toBe(
      'x.dtb: /n@1: property \'name\' differs from the name of the node; expected "n". Leave the property out.',
    );
  });
});

describe('a damaged file', () => {
  it('is refused when it is no device tree', () => {
    expect(message(new Uint8Array(0))).toMatch(/^x\.dtb: is not a flattened device tree; expected the magic number d00dfeed/);
    expect(message(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed))).toMatch('ends after 4 bytes, within the header');
    expect(message(changed('version', 3))).toMatch('has format version 3; expected version 16 or 17. Convert it with dtc');
    expect(message(changed('last_comp_version', 18))).toMatch('format version');
  });

  it('is refused at each length that is too short', () => {
    for (let length = 0; length < GOOD.length; length++) {
      expect(message(GOOD.slice(0, length))).toMatch(/^x\.dtb: /);
    }
  });

  it('is refused when an offset or length leads out of it', () => {
    for (const field of ['off_dt_struct', 'off_dt_strings', 'off_mem_rsvmap', 'size_dt_struct', 'size_dt_strings'] as const) {
      expect(message(changed(field, 0xffff_fff0))).toMatch(/^x\.dtb: /);
    }
    expect(message(changed('off_dt_struct', 41))).toMatch('structure block at offset 0x29');
    expect(message(changed(STRUCTURE + 12, 0xffff_ffff))).toMatch("property 'a' has 0xffffffff bytes");
    expect(message(changed(STRUCTURE + 16, 0x7000_0000))).toMatch('property name at offset 0x7000');
    expect(message(changed(STRUCTURE, 0x77))).toMatch('has token 0x77 at offset 0x48');
    expect(message(changed(STRUCTURE, 9))).toMatch('ends before its last node does');
  });

  it('is refused when it has a name twice or nodes without end', () => {
    const twice = parse('/ { x { a; }; };');
    twice.root.append('x');
    expect(message(writeDtb(twice))).toBe("x.dtb: /: has two nodes called 'x'");
    const deep = parse('/ { };');
    let node = deep.root;
    for (let depth = 0; depth < 100; depth++) node = node.append('n');
    expect(message(writeDtb(deep))).toMatch('nested deeper than 64');
    const odd = parse('/ { };');
    odd.root.append('white space');
    expect(message(writeDtb(odd))).toMatch("node name 'white space' has a character");
  });
});
