import { describe, expect, it } from 'vitest';
import { CPACR, HCPTR, NSACR } from '../../../../core/cpu/controls.ts';
import type { Row } from '../../../../core/cpu/decode.ts';
import { GROUPS } from '../../../../core/cpu/isa/all.ts';
import { SLOT } from '../../../../core/cpu/slots.ts';
import { EC } from '../../../../core/cpu/syndrome.ts';
import { Random } from '../../../../tools/oracle/random.ts';
import { RAM, type Rig } from '../rig.ts';
import { decoder, execute, makeVfpRig } from './vfp-rig.ts';

const NAMES = Object.entries(GROUPS).flatMap(([group, all]) => (group.startsWith('neon') ? Object.keys(all) : []));

/** A word of an encoding that does something: R1 has an address. */
function sample(row: Row): number {
  const random = new Random(1);
  for (;;) {
    let bits = row.value | row.shouldBe;
    for (const { name, low, width } of row.fields) bits |= (name === 'Rn' ? 1 : random.word() & (2 ** width - 1)) << low;
    const op = decoder.decode('A32', bits, false, false);
    if (op.definition === row.definition && !op.unpredictable) return bits >>> 0;
  }
}
const ROWS = decoder.rows.filter(({ name }) => NAMES.includes(name));
const SAMPLES = ROWS.filter(({ set }) => set === 'A32').map((row) => ({ name: row.name, bits: sample(row) }));

const state = ({ cpu }: Rig) => JSON.stringify([[...cpu.words], cpu.fp.save()]);

/** Those that do not end with the exception, or have changed something. */
function notRefused(change: (system: Int32Array) => void, exception: object): string[] {
  return SAMPLES.filter(({ bits }) => {
    const rig = makeVfpRig();
    rig.cpu.words[1] = RAM + 0x1000;
    change(rig.cpu.system);
    const before = state(rig);
    const thrown = execute(rig, bits) as Readonly<Record<string, unknown>> | undefined;
    return Object.entries(exception).some(([key, value]) => thrown?.[key] !== value) || state(rig) !== before;
  }).map(({ name }) => name);
}

describe('access to Advanced SIMD', () => {
  it('is there for every instruction when CPACR, NSACR and FPEXC allow it', () => {
    const failed = SAMPLES.filter(({ bits }) => {
      const rig = makeVfpRig();
      rig.cpu.words[1] = RAM + 0x1000;
      return execute(rig, bits) !== undefined;
    });
    expect(failed).toEqual([]);
    expect(SAMPLES.length).toBeGreaterThanOrEqual(170);
  });

  it('is refused to every instruction as UNDEFINED while FPEXC.EN is 0', () => {
    expect(notRefused((system) => system.fill(0, SLOT.FPEXC, SLOT.FPEXC + 1), { kind: 'undefined' })).toEqual([]);
  });

  it('is refused to every instruction as UNDEFINED by CPACR.ASEDIS', () => {
    const disable = (system: Int32Array) => system.set([(system[SLOT.CPACR] as number) | CPACR.ASEDIS], SLOT.CPACR);
    expect(notRefused(disable, { kind: 'undefined' })).toEqual([]);
  });

  it('is refused to every instruction as UNDEFINED by NSACR.NSASEDIS', () => {
    const disable = (system: Int32Array) => system.set([(system[SLOT.NSACR] as number) | NSACR.NSASEDIS], SLOT.NSACR);
    expect(notRefused(disable, { kind: 'undefined' })).toEqual([]);
  });

  it('is trapped to Hyp mode for every instruction by HCPTR.TASE', () => {
    const trap = (system: Int32Array) => system.set([HCPTR.TASE], SLOT.HCPTR);
    expect(notRefused(trap, { kind: 'hyp trap', ec: EC.coprocessor })).toEqual([]);
  });

  it('has one meaning in both instruction sets', () => {
    for (const { name, bits } of SAMPLES) {
      const a32 = decoder.decode('A32', bits | 0, false, false);
      const memory = bits >>> 24 === 0xf4;
      const moved = memory ? bits ^ 0x0d000000 : (bits & 0x00ffffff) | 0xef000000 | ((bits & 0x01000000) << 4);
      const t32 = decoder.decode('T32', moved | 0, false, false);
      expect([t32.name, t32.operands], name).toEqual([a32.name, a32.operands]);
    }
  });

  it('is possible without a condition only: no other word of A32 is an instruction of Advanced SIMD', () => {
    expect(ROWS.filter(({ set, value }) => set === 'A32' && value >>> 28 !== 15)).toEqual([]);
  });
});
