import { describe, expect, it } from 'vitest';
import { Fault } from '../../../core/mmu/fault.ts';
import { par } from '../../../core/mmu/par.ts';
import type { Translation } from '../../../core/mmu/translation.ts';

const page = (more: Partial<Translation> = {}): Translation => ({
  va: 0,
  pa: 0x12345000,
  ipa: 0,
  blockBits: 12,
  level: 2,
  nonSecure: true,
  global: true,
  domain: 0,
  privileged: 7,
  user: 7,
  stage2: 7,
  stage2Level: 0,
  type: 'normal',
  attributes: 0xff,
  shareability: 0,
  ...more,
});

describe('PAR (DDI 0406C B4.1.112)', () => {
  it('shows a long translation with NS, SH, ATTR and 40 bits of address', () => {
    expect(par(page({ pa: 0x9a_bcdef000, shareability: 3 }), true)).toEqual([0xbcdefb80, 0xff00009a]);
    expect(par(page({ nonSecure: false, attributes: 4, shareability: 2 }), true)).toEqual([0x12345900, 0x04000000]);
  });

  it('shows a long failure with stage and walk', () => {
    const fault = new Fault({ type: 'permission', level: 3, va: 0, write: true, long: true, stage: 2, onWalk: true });
    expect(par(fault, true)).toEqual([0xb1f, 0]);
    expect(par(new Fault({ type: 'translation', level: 1, va: 0, write: true, long: true }), true)).toEqual([0x80b, 0]);
  });

  it('shows a short translation with the cacheabilities of the short format', () => {
    const low = (more: Partial<Translation>) => par(page({ pa: 0, nonSecure: false, ...more }), false)[0];
    expect(low({ attributes: 0xff })).toBe((0b101 << 4) | (0b01 << 2));
    expect(low({ attributes: 0xea })).toBe((0b110 << 4) | (0b11 << 2));
    expect(low({ attributes: 0xae })).toBe((0b111 << 4) | (0b10 << 2));
    expect(low({ attributes: 0x44 })).toBe(0);
    expect(low({ attributes: 0x04, shareability: 2 })).toBe((0b011 << 4) | (1 << 7));
    expect(low({ attributes: 0x00, shareability: 2 })).toBe((0b001 << 4) | (1 << 7));
    expect(low({ attributes: 0x44, shareability: 3 })).toBe((1 << 7) | (1 << 10));
    expect(par(page({ attributes: 0x44 }), false)).toEqual([0x12345200, 0]);
  });

  it('shows a supersection with PA[39:32] in bits 23:16', () => {
    expect(par(page({ pa: 0x9a_45678000, blockBits: 24, attributes: 0x44, nonSecure: false }), false)).toEqual([0x459a0002, 0]);
  });

  it('shows a short failure', () => {
    const fault = new Fault({ type: 'domain', level: 2, va: 0, write: true, long: false, domain: 7 });
    expect(par(fault, false)).toEqual([(0b01011 << 1) | 1, 0]);
    expect(par(new Fault({ type: 'TLB conflict', va: 0, write: true, long: false }), false)).toEqual([(1 << 5) | 1, 0]);
  });
});
