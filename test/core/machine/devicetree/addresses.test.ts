import { describe, expect, it } from 'vitest';
import { cpuRegions, reg } from '../../../../core/machine/devicetree/addresses.ts';
import type { Node } from '../../../../core/machine/devicetree/tree.ts';
import { complaint, parse } from './sources.ts';

/** The motherboard of a Versatile Express behind its static memory bus, and what can be wrong with it. */
const BOARD = `
/ {
  #address-cells = <2>;
  #size-cells = <2>;
  memory@80000000 { reg = <0 0x80000000 0 0x40000000>, <8 0 1 0>; };
  bus@8000000 {
    #address-cells = <2>;
    #size-cells = <1>;
    ranges = <0 0 0 0x08000000 0x04000000>, <3 0 0 0x1c000000 0x04000000>;
    flash@0 { reg = <0 0 0x04000000>; };
    beyond@1 { reg = <0 0x03fffff0 0x20>; };
    iofpga@3 {
      #address-cells = <1>;
      #size-cells = <1>;
      ranges = <0 3 0 0x200000>;
      uart@90000 { reg = <0x090000 0x1000>; };
      deep { ranges; #address-cells = <1>; #size-cells = <1>; timer@110000 { reg = <0x110000 0x1000>; }; };
      odd@0 { reg = <1 2 3>; };
    };
  };
  cpus { #address-cells = <1>; #size-cells = <0>; cpu@1 { reg = <0x101>; }; };
  wide { #address-cells = <2>; #size-cells = <1>; at@0 { reg = <0xffffffff 0 1>; }; };
  many { #address-cells = <9>; at@0 { reg = <0>; }; };
  plain { ranges; at@0 { reg = <1 2 3>; }; };
};`;

function node(path: string): Node {
  return parse(BOARD).root.find(path)!;
}

describe('reg', () => {
  it('is read with the cells that the parent says', () => {
    expect(reg(node('/memory@80000000'))).toEqual([
      { address: 0x8000_0000, size: 0x4000_0000 },
      { address: 0x8_0000_0000, size: 0x1_0000_0000 },
    ]);
    expect(reg(node('/cpus/cpu@1'))).toEqual([{ address: 0x101, size: 0 }]);
    expect(reg(node('/cpus'))).toEqual([]);
  });

  it('has two address cells and one size cell where the parent says nothing (Devicetree Specification 2.3.5)', () => {
    expect(reg(node('/plain/at@0'))).toEqual([{ address: 0x1_0000_0002, size: 3 }]);
  });

  it('is refused when cells are left over, numbers are too large, or the parent is absurd', () => {
    expect(complaint(() => reg(node('/bus@8000000/iofpga@3/odd@0'))).message).toBe(
      "test.dts:19:15: /bus@8000000/iofpga@3/odd@0: property 'reg' has 3 cells; expected groups of 2 (address 1, size 1). " +
        "Check '#address-cells' and '#size-cells' of the parent node.",
    );
    expect(complaint(() => reg(node('/wide/at@0'))).message).toMatch('beyond 2^53');
    expect(complaint(() => reg(node('/many/at@0'))).message).toMatch("'#address-cells' is 9");
  });
});

describe('addresses for the processor', () => {
  it('go through the windows of all buses', () => {
    expect(cpuRegions(node('/bus@8000000/iofpga@3/uart@90000'))).toEqual([{ address: 0x1c09_0000, size: 0x1000 }]);
    expect(cpuRegions(node('/bus@8000000/iofpga@3/deep/timer@110000'))).toEqual([{ address: 0x1c11_0000, size: 0x1000 }]);
    expect(cpuRegions(node('/bus@8000000/flash@0'))).toEqual([{ address: 0x0800_0000, size: 0x0400_0000 }]);
    expect(cpuRegions(node('/memory@80000000'))[0]).toEqual({ address: 0x8000_0000, size: 0x4000_0000 });
  });

  it('are refused outside of all windows and behind a bus without windows', () => {
    expect(complaint(() => cpuRegions(node('/bus@8000000/beyond@1'))).message).toMatch(
      /^test.dts:12:5: \/bus@8000000\/beyond@1: 0x3fffff0 \(size 0x20\) is in no window of \/bus@8000000/,
    );
    expect(complaint(() => cpuRegions(node('/cpus/cpu@1'))).message).toMatch("/cpus has no 'ranges'. Add 'ranges;' to /cpus");
  });
});
