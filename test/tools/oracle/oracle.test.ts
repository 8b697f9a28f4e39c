import { beforeAll, describe, expect, it } from 'vitest';
import type { Draft } from '../../../tools/oracle/case.ts';
import { KIND, RESULT_WORDS } from '../../../tools/oracle/layout.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

type Faults = typeof import('./faults.ts');
const ready = have('qemu-system-arm', 'arm-none-eabi-as');

let faults: Faults;
beforeAll(async () => {
  faults = await bundled<Faults>('test/tools/oracle/faults.ts');
});

type Different = ReturnType<Faults['compareWithFault']>['different'];
const textOf = (different: Different): string => [...different.values()].flatMap(({ described }) => described).join('\n');

describe('a fault in one definition', () => {
  it('is found and reduced to the one register and the flag that it takes', () => {
    const { different } = faults.compareWithFault('ADC_reg', 'a32', 8000, 1);
    expect([...different.keys()]).toEqual(['ADC_reg A1']);
    expect(different.get('ADC_reg A1')?.described).toHaveLength(1);
    const [head, inputs, registers, , value] = textOf(different).split('\n');
    expect(head).toMatch(/^ADC_reg A1: e0a[0-9a-f]{5} {2}adc r\d+, r\d+, r\d+$/);
    expect(inputs).toMatch(/bytes .. .. a. e0, at 47e10800 in A32; memory zero; C; registers/);
    expect(registers).toMatch(/^ {2}R\d+=80000000$/);
    expect(value).toMatch(/^ {2}R\d+ +80000101 +80000001$/);
  });

  it('in a predicate is found: the form is UNDEFINED here', () => {
    const { different } = faults.compareWithFault('CLZ', 't32', 8000, 1);
    expect([...different.keys()]).toEqual(['CLZ T1']);
    expect(textOf(different)).toMatch(/^CLZ T1: fab4f084 {2}clz r0, r4$/m);
    expect(textOf(different)).toMatch(/^ {2}bytes b4 fa 84 f0/m);
    expect(textOf(different)).toMatch(/memory zero; no flags; registers that are not zero:\n {2} +Partita/);
  });

  it('in arithmetic of VFP is reduced to one bit of one operand', () => {
    const { different } = faults.compareWithFault('VNEG', 'vfp-a32', 3000, 1);
    expect([...different.keys()].every((name) => name.startsWith('VNEG '))).toBe(true);
    expect(textOf(different)).toMatch(/^ {2}D\d+<63:32>=00000001$/m);
    expect(textOf(different)).toMatch(/^ {2}FPSCR +00000080 +00000000$/m);
  });

  it('that both machines share shows against the definition alone', () => {
    expect(textOf(faults.compareWithSharedFault('t16', 300).different)).toMatch(/definition +both machines\n {2}TPIDRURW/);
  });

  it.skipIf(!ready)('in a whole machine is found by QEMU', () => {
    const { different } = faults.compareMachineWithFault('t16', 2000);
    expect([...different.keys()]).toEqual(['REVSH T1']);
    expect(textOf(different)).toMatch(/^ {2}R\d=00000080$/m);
    expect(textOf(different)).toMatch(/^ {2}R\d +00008000 +ffff8000$/m);
  });
});

describe('the comparison', () => {
  it('makes the same cases from the same seed, however many share an image', () => {
    const few = faults.casesOf('neon-t32', 500, 7, 64);
    expect(few.largest).toBe(64);
    expect(few.seen).toEqual(faults.casesOf('neon-t32', 500, 7, 1000).seen);
    expect(few.seen).not.toEqual(faults.casesOf('neon-t32', 500, 8, 64).seen);
  });

  it('says how many cases differ, and describes no more than it is asked to', () => {
    const outcome = faults.compareWithFault('REV', 'a32', 5000, 3);
    expect(outcome.different.get('REV A1')?.described).toHaveLength(3);
    const text = faults.report('a32', outcome);
    expect(text).toMatch(/^REV A1: \d+ differ$/m);
    expect(text).toMatch(/\na32: 5000 cases of \d+ encodings, \d+ of them UNDEFINED, \d\d differ; explained: nothing$/);
  });
});

const draft = (more: Partial<Draft>): Draft => ({
  ...{ name: '', set: 'A32', bits: 0, narrow: false, it: undefined, before: [], skew: false },
  ...{ flags: 0x150, registers: new Array<number>(15).fill(0), memory: 1, ...more },
});

describe('what does not end', () => {
  /** B, BL and BX to themselves in A32, B of both widths in T32. */
  const loops = [
    draft({ bits: 0xeafffffe }),
    draft({ bits: 0xebfffffe }),
    draft({ bits: 0xe12fff11, registers: [0, 0x47e10800, ...new Array<number>(13).fill(0)] }),
    draft({ set: 'T32', bits: 0xe7fe, narrow: true }),
    draft({ set: 'T32', bits: 0xf7ffbffe, skew: true }),
  ];

  it.skipIf(!ready)('is ended by the timer, in QEMU and here, with the same registers', () => {
    const { ours, theirs, alone } = faults.threeResults(loops);
    for (const i of loops.keys()) expect(theirs[i * RESULT_WORDS]).toBe(KIND.limit);
    expect([...ours]).toEqual([...theirs]);
    expect([...alone]).toEqual([...theirs]);
  });
});
