import { describe, expect, it } from 'vitest';
import { writeDtb } from '../../../../core/machine/devicetree/dtb-writer.ts';
import { DeviceTree, type Node } from '../../../../core/machine/devicetree/tree.ts';
import { cells, join, strings, wideCells } from '../../../../core/machine/devicetree/values.ts';
import { complaint, parse } from './sources.ts';

const TREE = `
/ {
  compatible = "arm,vexpress", "arm,other";
  aliases { serial0 = &uart; console = "/soc/uart@10"; };
  soc {
    uart: main: uart@10 { phandle = <5>; status = "disabled"; };
    timer { status = "okay"; };
    pair@1 { };
    pair@2 { status = "fail-sss"; };
  };
};`;

function at(path: string): Node {
  return parse(TREE).root.find(path)!;
}

describe('finding', () => {
  it('goes by path, with or without the unit address when one node only has the name', () => {
    expect(at('/soc/uart@10').path).toBe('/soc/uart@10');
    expect(at('/soc/uart').path).toBe('/soc/uart@10');
    expect(at('/').path).toBe('/');
    expect(at('/soc/pair')).toBeUndefined();
    expect(at('/soc/uart@11')).toBeUndefined();
    expect(at('soc/timer').path).toBe('/soc/timer');
  });

  it('goes by alias, label and phandle', () => {
    const { root } = parse(TREE);
    const uart = root.find('/soc/uart@10');
    expect(root.find('serial0')).toBe(uart);
    expect(root.byAlias('console')).toBe(uart);
    expect(root.byLabel('main')).toBe(uart);
    expect(root.byPhandle(5)).toBe(uart);
    expect([root.byAlias('none'), root.byLabel('none'), root.byPhandle(9)]).toEqual([undefined, undefined, undefined]);
  });

  it('walks in the order of the source', () => {
    const names = [...parse(TREE).root.walk()].map(({ name }) => name);
    expect(names).toEqual(['', 'aliases', 'soc', 'uart@10', 'timer', 'pair@1', 'pair@2']);
  });
});

describe('nodes', () => {
  it('tell their name, unit address, origin and state', () => {
    const uart = at('/soc/uart@10');
    expect([uart.baseName, uart.unitAddress, uart.phandle]).toEqual(['uart', '10', 5]);
    expect(uart.origin).toEqual({ file: 'test.dts', line: 7, column: 17 });
    expect(uart.get('status')?.origin).toEqual({ file: 'test.dts', line: 7, column: 42 });
    expect([uart.okay, at('/soc/timer').okay, at('/soc').okay, at('/soc/pair@2').okay]).toEqual([false, true, true, false]);
    expect(uart.root.compatible).toEqual(['arm,vexpress', 'arm,other']);
    expect(uart.root.isCompatible('arm,other')).toBe(true);
    expect(uart.root.isCompatible('arm,none')).toBe(false);
  });

  it('complain about a property that is missing or of another kind', () => {
    const { root } = parse('/ { a = [01]; b = "x", "y"; c = <1 2>; };');
    expect(complaint(() => root.need('z')).message).toBe("test.dts:2:1: /: property 'z' is missing. Add 'z' to this node.");
    expect(complaint(() => root.need('a').cells()).message).toMatch(
      "test.dts:2:5: /: property 'a' has 1 bytes; expected whole 32-bit",
    );
    expect(complaint(() => root.need('a').strings()).message).toMatch('does not end in a NUL');
    expect(complaint(() => root.need('b').string()).message).toMatch('has 2 strings; expected one');
    expect(complaint(() => root.need('c').cell()).message).toMatch('has 8 bytes; expected one');
    expect(root.need('c').cells()).toEqual([1, 2]);
    expect(root.need('b').strings()).toEqual(['x', 'y']);
  });
});

describe('building', () => {
  it('makes the tree that the same source does', () => {
    const tree = new DeviceTree();
    tree.root.set('#address-cells', 2);
    tree.root.set('compatible', strings('a,b', 'c,d'));
    tree.root.set('model', 'Größe');
    const memory = tree.root.child('memory@80000000');
    memory.set('reg', join(wideCells(2, 0x8000_0000, 0x1_0000_0000n), cells(-1)));
    memory.set('empty');
    expect(tree.root.child('memory@80000000')).toBe(memory);
    tree.root.child('gic').ensurePhandle();
    tree.reservations.push({ address: 1n, size: 2n });
    const source = `/memreserve/ 1 2; / { #address-cells = <2>; compatible = "a,b", "c,d"; model = "Größe";
      memory@80000000 { reg = <0 0x80000000 1 0 (-1)>; empty; }; gic { phandle = <1>; }; };`;
    expect(writeDtb(tree)).toEqual(writeDtb(parse(source)));
  });

  it('replaces a property in its place, and takes out properties and nodes', () => {
    const { root } = parse('/ { a = <1>; b; c; d { }; e { }; };');
    root.set('a', 2);
    root.delete('b');
    root.remove(root.find('/d')!);

    expect(root.properties.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(root.children.map(({ name }) => name)).toEqual(['e']);
  });

  it('copies nodes of another tree without sharing their values', () => {
    const from = parse('/ { x { l: a@1 { v = <1>; b { w; }; }; }; };').root.find('/x/a@1')!;
    const tree = new DeviceTree();
    const copy = tree.root.copy(from);
    copy.need('v').value[3] = 9;
    expect(from.need('v').cell()).toBe(1);
    expect(tree.root.find('/a@1/b')?.has('w')).toBe(true);
    expect(tree.root.byLabel('l')).toBe(copy);
  });

  it('gives phandles that no other node has', () => {
    const { root } = parse('/ { a { phandle = <1>; }; b { phandle = <3>; }; c { }; d { }; };');
    expect(['/a', '/c', '/d', '/c'].map((path) => root.find(path)?.ensurePhandle())).toEqual([1, 2, 4, 2]);
  });
});
