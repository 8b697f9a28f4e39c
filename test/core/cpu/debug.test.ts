import { describe, expect, it } from 'vitest';
import { HDCR } from '../../../core/cpu/controls.ts';
import { DSCR, MOE } from '../../../core/cpu/debug.ts';
import { type Field, field, word } from '../../../core/cpu/insn.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT, type SlotName } from '../../../core/cpu/slots.ts';
import { SYSTEM_REGISTERS } from '../../../core/cpu/sysreg/all.ts';
import { parseEncoding } from '../../../core/cpu/sysreg/register.ts';
import { makeRig, RAM, type Rig, type RigOptions } from './rig.ts';

const f = (n: number): Field => field(n);
const NOP = 0xe320f000;
const STR = 0xe5810000; // STR R0, [R1]
const LDR = 0xe5910000; // LDR R0, [R1]
const DATA = RAM + 0x2000;
const USR = 0x10;
const ABT = 0x17;

function write({ sys }: Rig, name: string, value: number): void {
  const { opc1, CRn, CRm, opc2 } = parseEncoding(SYSTEM_REGISTERS.find((row) => row.name === name)?.at as string);
  sys.writeCoprocessor(f(14), f(opc1), f(CRn), f(CRm), f(opc2), f(0), word(value));
}
function read({ sys }: Rig, name: string): number {
  const { opc1, CRn, CRm, opc2 } = parseEncoding(SYSTEM_REGISTERS.find((row) => row.name === name)?.at as string);
  return sys.readCoprocessor(f(14), f(opc1), f(CRn), f(CRm), f(opc2), f(0)) >>> 0;
}

/** Monitor debug-mode with the OS lock open. */
function debugging(options: RigOptions = {}): Rig {
  const rig = makeRig({ mode: 'svc', secure: false, ...options });
  write(rig, 'DBGOSLAR', 0);
  write(rig, 'DBGDSCR', DSCR.MDBGen);
  return rig;
}

const system = ({ cpu }: Rig, slot: SlotName): number => cpu.system[SLOT[slot]] as number;

/** Executes NOPs from the start of RAM; where the Prefetch Abort came, or undefined. */
function stoppedAt(rig: Rig, count = 4): number | undefined {
  rig.cpu.system[SLOT.VBAR] = RAM + 0x4000;
  rig.cpu.system[SLOT.VBAR + 1] = RAM + 0x4000;
  rig.poke(RAM + 0x400c, 0xeafffffe);
  rig.execute(Array.from({ length: count }, () => NOP));
  const { s, words } = rig.cpu;
  return s[S.M] === ABT ? (words[14] as number) - 4 - RAM : undefined;
}

const mode = (rig: Rig, m: number): Rig => {
  rig.cpu.s[S.M] = m;
  rig.cpu.mem.privilegeChanged();
  return rig;
};

describe('a breakpoint', () => {
  const ANY = 0x1e7;

  it('stops before its instruction, with IFSR and DBGDSCR.MOE', () => {
    const rig = debugging();
    write(rig, 'DBGBVR0', RAM + 8);
    write(rig, 'DBGBCR0', ANY);
    expect(stoppedAt(rig)).toBe(8);
    expect(system(rig, 'IFSR')).toBe(2);
    expect((system(rig, 'DBGDSCR') >>> 2) & 15).toBe(MOE.breakpoint);
  });

  it('costs its page alone: other code is decoded and kept', () => {
    const rig = debugging();
    write(rig, 'DBGBVR0', RAM + 0x3008);
    write(rig, 'DBGBCR0', ANY);
    expect(rig.cpu.mem.executePage(RAM)).toBeGreaterThanOrEqual(0);
    expect(rig.cpu.mem.executePage(RAM + 0x3000)).toBe(-1);
    write(rig, 'DBGBCR0', 0);
    expect(rig.cpu.mem.executePage(RAM + 0x3000)).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['the OS lock', 'DBGOSLAR', 0xc5acce55],
    ['the OS double lock', 'DBGOSDLR', 1],
    ['no monitor debug-mode', 'DBGDSCR', 0],
  ])('does nothing with %s', (_name, register, value) => {
    const rig = debugging();
    write(rig, 'DBGBVR0', RAM);
    write(rig, 'DBGBCR0', ANY);
    write(rig, register, value);
    expect(stoppedAt(rig)).toBeUndefined();
  });

  it('by mismatch stops at whatever is not its instruction', () => {
    const rig = debugging();
    write(rig, 'DBGBVR0', RAM);
    write(rig, 'DBGBCR0', ANY | (4 << 20));
    expect(stoppedAt(mode(rig, USR))).toBe(4);
  });

  it('without a mask of addresses: those bits are not there', () => {
    const rig = debugging();
    write(rig, 'DBGBCR0', -1);
    expect(read(rig, 'DBGBCR0')).toBe(0x00ffe1e7);
  });

  it('by mismatch or by context does nothing to privileged modes, which would meet it in its own handler', () => {
    for (const type of [2, 4, 8]) {
      const rig = debugging();
      write(rig, 'DBGBCR4', ANY | (type << 20));
      expect(stoppedAt(rig)).toBeUndefined();
    }
  });

  it('on a context ID stops at any instruction in it, if it is one that compares contexts', () => {
    for (const [n, expected] of [
      [4, 0],
      [0, undefined],
    ] as const) {
      const rig = debugging();
      rig.cpu.system[SLOT.CONTEXTIDR] = 0x1234;
      write(rig, `DBGBVR${n}`, 0x1234);
      write(rig, `DBGBCR${n}`, ANY | (2 << 20));
      expect(stoppedAt(mode(rig, USR))).toBe(expected);
    }
  });

  it.each([
    [8, 0, 0x42, 0],
    [8, 0, 0x43, undefined],
    [10, 7, 0x42, 0],
    [10, 8, 0x42, undefined],
  ])('of type %i compares the VMID, and the context ID with it', (type, context, vmid, expected) => {
    const rig = debugging();
    rig.cpu.system[SLOT.VTTBR + 1] = 0x42 << 16;
    rig.cpu.system[SLOT.CONTEXTIDR] = 7;
    write(rig, 'DBGBVR5', context);
    write(rig, 'DBGBXVR5', vmid);
    write(rig, 'DBGBCR5', ANY | (type << 20));
    expect(stoppedAt(mode(rig, USR))).toBe(expected);
  });

  it.each([
    ['linked to nothing that compares contexts', 3, 0],
    ['linked to a breakpoint that is off', 4, 0],
    ['linked to one of another kind', 4, ANY],
    ['linked to one for contexts', 4, ANY | (3 << 20)],
  ])('%s', (_name, LBN, control) => {
    const rig = debugging();
    write(rig, 'DBGBVR0', RAM + 4);
    write(rig, 'DBGBCR0', ANY | (1 << 20) | (LBN << 16));
    write(rig, 'DBGBCR4', control);
    expect(stoppedAt(rig)).toBe(control >>> 20 === 3 ? 4 : undefined);
  });

  // PMC: User, System and Supervisor; PL1; User; all.
  it.each([
    [0, [true, true, false, true]],
    [1, [false, true, true, true]],
    [2, [true, false, false, false]],
    [3, [true, true, true, true]],
  ])('with PMC = %i matches in User, Supervisor, IRQ and System mode: %j', (PMC, expected) => {
    const found = [0x10, 0x13, 0x12, 0x1f].map((m) => {
      const rig = debugging();
      write(rig, 'DBGBVR0', RAM);
      write(rig, 'DBGBCR0', (ANY & ~6) | (PMC << 1));
      return stoppedAt(mode(rig, m)) === 0;
    });
    expect(found).toEqual(expected);
  });

  it.each([
    [0, true, true],
    [1, false, true],
    [2, true, false],
  ])('with SSC = %i matches in Secure state: %s, Non-secure state: %s', (SSC, secure, nonSecure) => {
    const found = [true, false].map((state) => {
      const rig = debugging({ secure: state });
      write(rig, 'DBGBVR0', RAM);
      write(rig, 'DBGBCR0', ANY | (SSC << 14));
      return stoppedAt(rig) === 0;
    });
    expect(found).toEqual([secure, nonSecure]);
  });

  it('does nothing in Hyp mode', () => {
    const rig = debugging({ mode: 'hyp' });
    write(rig, 'DBGBVR0', RAM);
    write(rig, 'DBGBCR0', ANY | (1 << 13));
    rig.execute([NOP]);
    expect(rig.cpu.s[S.NEXT]).toBe(RAM + 4);
  });

  it('goes to Hyp mode with HDCR.TDE', () => {
    const rig = debugging();
    write(rig, 'DBGBVR0', RAM + 4);
    write(rig, 'DBGBCR0', ANY);
    rig.cpu.system[SLOT.HDCR] = HDCR.TDE;
    rig.execute([NOP, NOP, NOP], RAM, 2);
    expect(rig.cpu.s[S.M]).toBe(0x1a);
    expect(system(rig, 'HSR')).toBe((0x20 << 26) | 0x22 | 0);
  });

  it('is state: after saving and loading it stops there still', () => {
    const rig = debugging();
    write(rig, 'DBGBVR0', RAM + 4);
    write(rig, 'DBGBCR0', ANY);
    const other = makeRig({ mode: 'svc', secure: false });
    other.cpu.load(rig.cpu.save());
    other.sys.debug.update();
    expect(stoppedAt(other)).toBe(4);
  });
});

describe('a watchpoint', () => {
  const LOADS_AND_STORES = 0x1fff;

  /** The instruction, with the address in R1; DFSR and DFAR if it was stopped. */
  function access(rig: Rig, instruction: number, address: number): readonly [number, number] | undefined {
    rig.cpu.words[1] = address;
    rig.cpu.words[0] = 0x11223344;
    rig.execute([instruction]);
    const bank = rig.cpu.initiator.secure ? 1 : 0;
    return rig.cpu.s[S.M] === ABT
      ? [rig.cpu.system[SLOT.DFSR + bank] as number, (rig.cpu.system[SLOT.DFAR + bank] as number) >>> 0]
      : undefined;
  }

  it('stops a store before it is made, with DFSR.WnR, DFAR and DBGDSCR.MOE', () => {
    const rig = debugging();
    write(rig, 'DBGWVR0', DATA);
    write(rig, 'DBGWCR0', LOADS_AND_STORES);
    expect(access(rig, STR, DATA)).toEqual([0x802, DATA]);
    expect(rig.peek(DATA)).toBe(0);
    expect((system(rig, 'DBGDSCR') >>> 2) & 15).toBe(MOE.watchpoint);
    expect(rig.cpu.words[14]).toBe(RAM + 8);
  });

  it('sees accesses though their page was in use before it was set', () => {
    const rig = debugging();
    expect(access(rig, LDR, DATA)).toBeUndefined();
    write(rig, 'DBGWVR3', DATA);
    write(rig, 'DBGWCR3', LOADS_AND_STORES);
    expect(access(rig, LDR, DATA + 8)).toBeUndefined();
    expect(access(rig, LDR, DATA)).toEqual([2, DATA]);
  });

  it('lets accesses through that its bytes, direction or privilege do not name', () => {
    for (const [control, instruction, address, expected] of [
      [0x1ff7, LDR, DATA, false],
      [0x1fef, STR, DATA, false],
      [0x1ff5, STR, DATA, false],
      [0x1ff3, STR, DATA, true],
      [0x01ff, LDR, DATA + 4, false],
      [0x1e1f, LDR, DATA, false],
      [0x1e1f, LDR, DATA + 4, true],
    ] as const) {
      const rig = debugging();
      write(rig, 'DBGWVR0', DATA);
      write(rig, 'DBGWCR0', control);
      expect(access(rig, instruction, address) !== undefined).toBe(expected);
    }
  });

  it('with a mask covers a power of two', () => {
    for (const [address, expected] of [
      [DATA - 4, false],
      [DATA, true],
      [DATA + 0x3fc, true],
      [DATA + 0x400, false],
    ] as const) {
      const rig = debugging();
      write(rig, 'DBGWVR0', DATA);
      write(rig, 'DBGWCR0', LOADS_AND_STORES | (10 << 24));
      expect(access(rig, LDR, address) !== undefined).toBe(expected);
    }
  });

  it('with the largest mask covers half the addresses', () => {
    const rig = debugging();
    write(rig, 'DBGWVR0', 0);
    write(rig, 'DBGWCR0', LOADS_AND_STORES | (31 << 24));
    expect(access(rig, LDR, DATA)).toEqual([2, DATA]);
  });

  it('goes to Hyp mode with HDCR.TDE', () => {
    const rig = debugging();
    write(rig, 'DBGWVR0', DATA);
    write(rig, 'DBGWCR0', LOADS_AND_STORES);
    rig.cpu.system[SLOT.HDCR] = HDCR.TDE;
    access(rig, STR, DATA);
    expect(rig.cpu.s[S.M]).toBe(0x1a);
    expect(system(rig, 'HSR')).toBe((0x24 << 26) | 0x62 | 0);
    expect((rig.cpu.system[SLOT.DFAR + 1] as number) >>> 0).toBe(DATA);
  });
});

describe('the registers that software looks at', () => {
  it('say that debug is authenticated, and how it stands with the locks', () => {
    const rig = makeRig({ mode: 'svc' });
    expect(read(rig, 'DBGAUTHSTATUS')).toBe(0xff);
    expect([read(rig, 'DBGOSLSR'), read(rig, 'DBGPRSR')]).toEqual([0xa, 0x21]);
    write(rig, 'DBGOSLAR', 1);
    write(rig, 'DBGOSDLR', 1);
    expect([read(rig, 'DBGOSLSR'), read(rig, 'DBGPRSR')]).toEqual([0x8, 0x41]);
  });

  it('keep monitor debug-mode, which is how an operating system asks for it; Halting debug-mode only with the OS lock', () => {
    const rig = debugging();
    write(rig, 'DBGDSCR', DSCR.MDBGen | DSCR.HDBGen);
    expect(read(rig, 'DBGDSCRint')).toBe(DSCR.MDBGen);
    write(rig, 'DBGOSLAR', 0xc5acce55);
    write(rig, 'DBGDSCR', DSCR.MDBGen | DSCR.HDBGen);
    expect(read(rig, 'DBGDSCRint')).toBe(DSCR.MDBGen | DSCR.HDBGen);
  });

  it('have no rows for what the memory-mapped view alone has', () => {
    const names = SYSTEM_REGISTERS.map(({ name }) => name);
    for (const name of ['DBGECR', 'DBGDRCR', 'DBGITR', 'DBGPCSR', 'DBGEACR']) expect(names).not.toContain(name);
  });
});

describe('the debug communications channel', () => {
  const STC = 0xed815e01; // STC p14, c5, [R1, #4]
  const LDC_POST = 0xecb15e02; // LDC p14, c5, [R1], #8

  it('gives each word once: RXfull goes when it has been read', () => {
    const rig = debugging();
    write(rig, 'DBGDTRRX', 0x12345678);
    expect(read(rig, 'DBGDSCRint') & DSCR.RXfull).toBe(DSCR.RXfull);
    expect(read(rig, 'DBGDTRint')).toBe(0x12345678);
    expect(read(rig, 'DBGDSCRint') & DSCR.RXfull).toBe(0);
  });

  it('is stored and loaded by STC and LDC', () => {
    const rig = debugging();
    write(rig, 'DBGDTRRX', 0x12345678);
    rig.cpu.words[1] = DATA;
    rig.execute([STC]);
    expect(rig.peek(DATA + 4)).toBe(0x12345678);
    expect(read(rig, 'DBGDSCRint') & DSCR.RXfull).toBe(0);
    rig.execute([LDC_POST]);
    expect(rig.cpu.words[1]).toBe(DATA + 8);
  });

  it('keeps the word if the store aborts', () => {
    const rig = debugging();
    write(rig, 'DBGDTRRX', 0x12345678);
    rig.cpu.words[1] = 1;
    rig.execute([STC]);
    expect(rig.cpu.s[S.M]).toBe(ABT);
    expect(read(rig, 'DBGDSCRint') & DSCR.RXfull).toBe(DSCR.RXfull);
  });

  it('is trapped by HDCR.TDA with an exception class of its own, the addressing in the syndrome', () => {
    const rig = debugging();
    rig.cpu.system[SLOT.HDCR] = HDCR.TDA | HDCR.TDOSA | HDCR.TDRA;
    rig.cpu.words[1] = DATA;
    rig.execute([LDC_POST]);
    // COND, imm8, Rn, add, post-indexed, load.
    expect(system(rig, 'HSR') >>> 0).toBe(
      ((6 << 26) | (1 << 25) | (0x1e << 20) | (2 << 12) | (1 << 5) | (1 << 4) | (1 << 1) | 1) >>> 0,
    );
  });

  it('is UNDEFINED for User mode with DBGDSCR.UDCCdis', () => {
    const rig = debugging();
    write(rig, 'DBGDSCR', DSCR.UDCCdis);
    rig.cpu.words[1] = DATA;
    mode(rig, 0x10).execute([STC]);
    expect(rig.cpu.s[S.M]).toBe(0x1b);
  });
});
