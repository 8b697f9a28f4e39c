import { describe, expect, it } from 'vitest';
import { SCTLR } from '../../../core/cpu/controls.ts';
import { MODE } from '../../../core/cpu/modes.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { makeRig, RAM } from './rig.ts';

const SWP = 0xe1020091; // swp r0, r1, [r2]
const LDRT = 0xe4b21000; // ldrt r1, [r2], #0

describe('instructions that are enabled', () => {
  it.each([
    ['UNDEFINED without SCTLR.SW', 0, MODE.und],
    ['executed with SCTLR.SW', SCTLR.SW, MODE.svc],
  ])('SWP is %s', (_, bit, mode) => {
    const rig = makeRig({ security: false, virtualization: false });
    rig.cpu.system[SLOT.SCTLR] = (rig.cpu.system[SLOT.SCTLR] as number) | bit;
    rig.cpu.words[2] = RAM + 0x100;
    rig.poke(RAM + 0x100, 77);
    rig.execute([SWP], RAM, 1);
    expect(rig.cpu.s[S.M]).toBe(mode);
    expect(rig.peek(RAM + 0x100)).toBe(bit === 0 ? 77 : 0);
  });

  it.each([
    ['UNPREDICTABLE in Hyp mode, where we choose UNDEFINED', 'hyp', false],
    ['executed in Supervisor mode', 'svc', true],
  ] as const)('LDRT is %s', (_, mode, executed) => {
    const rig = makeRig({ mode });
    rig.cpu.words[2] = RAM + 0x100;
    rig.poke(RAM + 0x100, 77);
    rig.execute([LDRT], RAM, 1);
    expect(rig.cpu.words[1]).toBe(executed ? 77 : 0);
  });
});
