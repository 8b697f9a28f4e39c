import { describe, expect, it } from 'vitest';
import { Fault, type FaultType } from '../../../core/mmu/fault.ts';
import { dfsr, hpfar, hsrStatus, ifsr, longStatus, shortStatus } from '../../../core/mmu/fault-status.ts';

const fault = (type: FaultType, level: 0 | 1 | 2 | 3 = 1, more: Partial<Fault> = {}) =>
  new Fault({ type, level, va: 0x1000, write: false, long: false, ...more });

describe('fault status codes (DDI 0406C B3.13)', () => {
  it('of the short format are those of the table', () => {
    const code = (type: FaultType, level: 0 | 1 | 2 = 1) => shortStatus(fault(type, level));
    expect([code('translation'), code('translation', 2)]).toEqual([0b00101, 0b00111]);
    expect([code('access flag'), code('access flag', 2)]).toEqual([0b00011, 0b00110]);
    expect([code('domain'), code('domain', 2)]).toEqual([0b01001, 0b01011]);
    expect([code('permission'), code('permission', 2)]).toEqual([0b01101, 0b01111]);
    expect([code('external abort on walk'), code('external abort on walk', 2)]).toEqual([0b01100, 0b01110]);
    expect([code('alignment', 0), code('external abort', 0), code('debug', 0)]).toEqual([0b00001, 0b01000, 0b00010]);
    expect([code('TLB conflict', 0), code('instruction cache maintenance', 0)]).toEqual([0b10000, 0b00100]);
  });

  it('of the long format carry the level', () => {
    const code = (type: FaultType, level: 0 | 1 | 2 | 3) => longStatus(fault(type, level));
    expect([1, 2, 3].map((level) => code('translation', level as 1))).toEqual([0b000101, 0b000110, 0b000111]);
    expect([code('access flag', 3), code('permission', 2), code('external abort on walk', 1)]).toEqual([
      0b001011, 0b001110, 0b010101,
    ]);
    expect([code('alignment', 0), code('external abort', 3), code('debug', 0)]).toEqual([0b100001, 0b010000, 0b100010]);
    expect([code('TLB conflict', 1), code('domain', 2), code('address size', 0)]).toEqual([0b110000, 0b111110, 0]);
  });

  it('go into DFSR with WnR, domain and the format', () => {
    expect(dfsr(fault('permission', 2, { write: true, domain: 5 }))).toBe(0x85f);
    expect(dfsr(fault('permission', 2, { write: true, domain: 5, long: true }))).toBe(0xa0e);
    expect(dfsr(fault('TLB conflict', 0))).toBe(0x400);
    expect(dfsr(fault('alignment', 0), true)).toBe(0x221);
  });

  it('go into IFSR without them', () => {
    expect(ifsr(fault('domain', 1, { domain: 5 }))).toBe(0x009);
    expect(ifsr(fault('translation', 3, { long: true }))).toBe(0x207);
  });

  it('go into HSR with S1PTW and WnR, and the page of the IPA into HPFAR', () => {
    const stage2 = fault('translation', 3, { stage: 2, onWalk: true, write: true, ipa: 0xff_fffff123 });
    expect(hsrStatus(stage2)).toBe(0xc7);
    expect(hpfar(stage2)).toBe(0xfffffff0);
  });
});
