import { describe, expect, it } from 'vitest';
import { interrupts } from '../../../../core/machine/devicetree/interrupts.ts';
import { complaint, parse } from './sources.ts';

const BOARD = `
/ {
  #address-cells = <1>; #size-cells = <1>;
  interrupt-parent = <&gic>;
  gic: gic { #interrupt-cells = <3>; #address-cells = <0>; interrupt-controller; };
  vic: vic { #interrupt-cells = <1>; interrupt-controller; interrupts = <0 9 4>; };
  timer { interrupts = <1 13 0xf08>, <1 14 0xf08>; };
  both { interrupts = <0 1 4>; interrupts-extended = <&vic 7>, <&gic 0 2 4>; };
  child-of-vic { interrupt-parent = <&vic>; leaf { plain { interrupts = <3>; }; }; };
  bus {
    #address-cells = <2>; #size-cells = <1>;
    #interrupt-cells = <1>;
    interrupt-map-mask = <0 0 63>;
    interrupt-map = <0 0 0 &gic 0 0 4>, <0 0 5 &gic 0 5 4>, <0 0 6 &vic 6>;
    uart@3 { reg = <3 0x90000 0x1000>; interrupts = <5>; };
    high@1 { reg = <1 0 1>; interrupts = <70>; };
    unmapped { interrupts = <9>; };
  };
  pci: pci {
    #address-cells = <1>; #size-cells = <0>; #interrupt-cells = <1>;
    interrupt-map-mask = <0xff00 7>;
    interrupt-map = <0x100 1 &gic 0 20 4>, <0x200 1 &gic 0 21 4>;
    slot@200 { reg = <0x2ff>; interrupts = <1>; };
  };
  a: loop-a { #interrupt-cells = <1>; #address-cells = <0>; interrupt-map = <1 &b 1>; };
  b: loop-b { #interrupt-cells = <1>; #address-cells = <0>; interrupt-map = <1 &a 1>; };
  in-a-circle { interrupt-parent = <&a>; interrupts = <1>; };
  odd { interrupts = <1 2>; };
  short { interrupts-extended = <&gic 0 1>; };
  wrong { interrupts-extended = <77 0 1>; };
};`;

const { root } = parse(BOARD);

function of(path: string): string[] {
  return interrupts(root.find(path)!).map(({ controller, specifier }) => `${controller.path} ${specifier.join(' ')}`);
}

describe('interrupts', () => {
  it('go to the controller that the nearest interrupt-parent names', () => {
    expect(of('/timer')).toEqual(['/gic 1 13 3848', '/gic 1 14 3848']);
    expect(of('/child-of-vic/leaf/plain')).toEqual(['/vic 3']);
    expect(of('/vic')).toEqual(['/gic 0 9 4']);
    expect(of('/gic')).toEqual([]);
  });

  it('come from interrupts-extended where there is one', () => {
    expect(of('/both')).toEqual(['/vic 7', '/gic 0 2 4']);
  });

  it('pass through interrupt maps under their masks, by number and by unit address', () => {
    expect(of('/bus/uart@3')).toEqual(['/gic 0 5 4']);
    expect(of('/bus/high@1')).toEqual(['/vic 6']);
    expect(of('/pci/slot@200')).toEqual(['/gic 0 21 4']);
  });

  it('are refused when they lead nowhere or do not end', () => {
    expect(complaint(() => of('/bus/unmapped')).message).toMatch("has interrupt <9>, which 'interrupt-map' of /bus lacks");
    expect(complaint(() => of('/in-a-circle')).message).toMatch('runs in a circle');
    expect(complaint(() => of('/odd')).message).toMatch('has 2 cells; expected groups of 3, the #interrupt-cells of /gic');
    expect(complaint(() => of('/short')).message).toMatch('ends within a specifier');
    expect(complaint(() => of('/wrong')).message).toMatch('names phandle 77, which no node has');
    const lone = parse('/ { a { interrupts = <1>; }; };').root.find('/a')!;
    expect(complaint(() => interrupts(lone)).message).toMatch('has no interrupt controller');
  });
});
