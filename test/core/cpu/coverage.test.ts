import { describe, expect, it } from 'vitest';
import { MODE } from '../../../core/cpu/modes.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { WAIT } from '../../../core/cpu/state.ts';
import { coverage } from '../../../tools/oracle/coverage.ts';
import { makeRig, RAM } from './rig.ts';

/** What QEMU cannot answer for, and runs here instead: it waits, calls the board, or is semihosting's. */
const HERE = [
  ['WFI A1', 0xe320f003, 'waits'],
  ['WFI T1', 0xbf30, 'waits'],
  ['WFI T2', 0xf3af8003, 'waits'],
  ['WFE A1', 0xe320f002, 'waits'],
  ['WFE T1', 0xbf20, 'waits'],
  ['WFE T2', 0xf3af8002, 'waits'],
  ['ENTERX T1', 0xf3bf8f1f, 'svc'],
  ['LEAVEX T1', 0xf3bf8f0f, 'svc'],
  ['HVC A1', 0xe1400070, 'hyp'],
  ['HVC T1', 0xf7e08000, 'hyp'],
  ['HLT A1', 0xe1000070, 'und'],
  ['HLT T1', 0xba80, 'und'],
] as const;

describe('every encoding is executed', () => {
  // The sets' test fails when one of their encodings has no case; the sequences' test has this seed and this number.
  it('by a set of the oracle, by its sequences, or here', () => {
    expect([...coverage(2000, 20260103).rest].sort()).toEqual(HERE.map(([name]) => name as string).sort());
  });

  it.each(HERE)('%s', (name, bits, end) => {
    const rig = makeRig({ secure: false });
    if (name.includes(' A')) rig.execute([bits], RAM, 1);
    else rig.executeThumb(bits > 0xffff ? [bits >>> 16, bits & 0xffff] : [bits], 1);
    if (end === 'waits') expect(rig.cpu.s[S.WAIT]).not.toBe(WAIT.running);
    else expect(rig.cpu.s[S.M]).toBe(MODE[end]);
  });
});
