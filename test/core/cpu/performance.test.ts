import { describe, expect, it } from 'vitest';
import { type Field, field, word } from '../../../core/cpu/insn.ts';
import { EVENT } from '../../../core/cpu/performance.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { SYSTEM_REGISTERS } from '../../../core/cpu/sysreg/all.ts';
import { parseEncoding } from '../../../core/cpu/sysreg/register.ts';
import { makeRig, type Rig, type RigOptions } from './rig.ts';

const f = (n: number): Field => field(n);
const at = (name: string) => parseEncoding(SYSTEM_REGISTERS.find((row) => row.name === name)?.at as string);

/** A processor whose registers are read and written by name, and whose time is made to pass. */
function monitors(options: RigOptions = {}) {
  const rig = makeRig({ mode: 'svc', memory: 0x1000, ...options });
  const read = (name: string): number => {
    const { opc1, CRn, CRm, opc2 } = at(name);
    return rig.sys.readCoprocessor(f(15), f(opc1), f(CRn), f(CRm), f(opc2), f(0)) >>> 0;
  };
  const write = (name: string, value: number): void => {
    const { opc1, CRn, CRm, opc2 } = at(name);
    rig.sys.writeCoprocessor(f(15), f(opc1), f(CRn), f(CRm), f(opc2), f(0), word(value));
  };
  const counter = (n: number): number => {
    write('PMSELR', n);
    return read('PMXEVCNTR');
  };
  const choose = (n: number, type: number): void => {
    write('PMSELR', n);
    write('PMXEVTYPER', type);
  };
  const pass = (time: number): void => {
    rig.time.now += time;
  };
  return { rig, read, write, counter, choose, pass };
}

const enter = ({ cpu }: Rig, mode: 'usr' | 'svc'): void => cpu.sys.writeCpsr(word(mode === 'usr' ? 0x10 : 0x13), f(1));
const [E, C, D, P] = [1, 4, 8, 2];
const ALL = 0x8000003f | 0;

describe('the cycle counter', () => {
  it('counts nanoseconds while PMCR.E and its own enable are set', () => {
    const { write, read, pass } = monitors();
    write('PMCNTENSET', ALL);
    pass(10);
    write('PMCR', E);
    pass(100);
    write('PMCR', 0);
    pass(1000);
    expect(read('PMCCNTR')).toBe(100);
    write('PMCR', E);
    write('PMCNTENCLR', ALL);
    pass(1000);
    expect(read('PMCCNTR')).toBe(100);
  });

  it('counts every 64th with PMCR.D, and keeps the remainder however often it is read', () => {
    const { write, read, pass } = monitors();
    write('PMCNTENSET', ALL);
    write('PMCR', E | D);
    for (let i = 0; i < 100; i++) {
      pass(63);
      read('PMCCNTR');
    }
    expect(read('PMCCNTR')).toBe(Math.floor(6300 / 64));
  });

  it('is cleared with its divider by PMCR.C, the event counters by PMCR.P', () => {
    const { write, read, counter, choose, pass } = monitors();
    choose(0, EVENT.INST_RETIRED);
    write('PMCNTENSET', ALL);
    write('PMCR', E);
    pass(50);
    write('PMCR', E | C);
    expect([read('PMCCNTR'), counter(0)]).toEqual([0, 50]);
    write('PMCR', E | P);
    expect(counter(0)).toBe(0);
  });

  it('overflows into PMOVSR, which is cleared by writing ones', () => {
    const { write, read, pass } = monitors();
    write('PMCNTENSET', ALL);
    write('PMCCNTR', -5);
    write('PMCR', E);
    pass(4);
    expect(read('PMOVSR')).toBe(0);
    pass(3);
    expect([read('PMOVSR'), read('PMCCNTR')]).toEqual([0x80000000, 2]);
    write('PMOVSR', 0x80000000);
    expect(read('PMOVSR')).toBe(0);
    write('PMOVSSET', 3);
    expect(read('PMOVSR')).toBe(3);
  });
});

describe('events', () => {
  it('are exceptions, returns and writes of CONTEXTIDR and the translation table bases', () => {
    const { rig, write, counter, choose } = monitors();
    const { EXC_TAKEN, EXC_RETURN, CID_WRITE_RETIRED, TTBR_WRITE_RETIRED } = EVENT;
    for (const [n, event] of [EXC_TAKEN, EXC_RETURN, CID_WRITE_RETIRED, TTBR_WRITE_RETIRED].entries()) choose(n, event);
    write('PMCNTENSET', ALL);
    write('PMCR', E);
    for (let i = 0; i < 3; i++) {
      rig.sys.supervisorCall(f(0));
      rig.sys.exceptionReturn(word(0x40000000));
    }
    write('CONTEXTIDR', 1);
    rig.sys.writeCoprocessor64(f(15), f(1), f(2), f(0), f(1), word(0), word(0));
    write('TTBR0', 0);
    expect([0, 1, 2, 3].map(counter)).toEqual([3, 3, 1, 2]);
  });

  it('are software increments of the counters that are named and choose event 0', () => {
    const { write, counter, choose } = monitors();
    choose(0, EVENT.SW_INCR);
    choose(1, EVENT.SW_INCR);
    choose(2, EVENT.INST_RETIRED);
    write('PMCNTENSET', 0b101);
    write('PMCR', E);
    write('PMSWINC', 0b111);
    expect([0, 1, 2].map(counter)).toEqual([1, 0, 0]);
  });

  it('are interrupts by kind on a Cortex-A7 alone', () => {
    for (const [name, expected] of [
      ['cortex-a7', [1, 0, 1]],
      ['cortex-a15', [0, 0, 1]],
    ] as const) {
      const { rig, write, counter, choose } = monitors({ name });
      for (const [n, event] of [EVENT.EXC_IRQ, EVENT.EXC_FIQ, EVENT.EXC_TAKEN].entries()) choose(n, event);
      write('PMCNTENSET', ALL);
      write('PMCR', E);
      rig.cpu.s[S.IRQ] = 1;
      rig.cpu.s[S.I] = 0;
      rig.cpu.s[S.REMAINING] = 1;
      rig.run();
      expect([0, 1, 2].map(counter)).toEqual(expected);
    }
  });

  it('are those that PMCEID0 names', () => {
    const { read } = monitors();
    const { SW_INCR, INST_RETIRED, EXC_TAKEN, EXC_RETURN, CID_WRITE_RETIRED, CPU_CYCLES, TTBR_WRITE_RETIRED } = EVENT;
    const named: readonly number[] = [
      SW_INCR,
      INST_RETIRED,
      EXC_TAKEN,
      EXC_RETURN,
      CID_WRITE_RETIRED,
      CPU_CYCLES,
      TTBR_WRITE_RETIRED,
    ];
    expect(read('PMCEID0')).toBe(named.reduce((sum, event) => sum | (1 << event), 0) >>> 0);
    expect(read('PMCEID1')).toBe(0);
  });

  it('do not count what an exception took for an instruction', () => {
    const { rig, write, counter, choose, pass } = monitors();
    choose(0, EVENT.INST_RETIRED);
    choose(1, EVENT.CPU_CYCLES);
    write('PMCNTENSET', ALL);
    write('PMCR', E);
    pass(10);
    const UDF = 0xe7f000f0;
    rig.execute([UDF], 0x40000000, 1);
    expect([counter(0), counter(1)]).toEqual([9, 10]);
  });
});

describe('filters', () => {
  const [FILTER_P, U, NSK, NSU, NSH] = [1 << 31, 1 << 30, 1 << 29, 1 << 28, 1 << 27] as const;

  /** Time counted of 1 in Supervisor mode, 10 in User mode, of one security state. */
  function counted(filter: number, secure: boolean): number {
    const { rig, write, choose, counter, pass } = monitors({ secure });
    choose(0, EVENT.CPU_CYCLES | filter);
    write('PMCNTENSET', ALL);
    write('PMCR', E);
    write('PMUSERENR', 1);
    pass(1);
    enter(rig, 'usr');
    pass(10);
    return counter(0);
  }

  it.each([
    ['none', 0, 11, 11],
    ['P', FILTER_P, 10, 10],
    ['U', U, 1, 1],
    ['P and U', FILTER_P | U, 0, 0],
    ['NSK', NSK, 11, 10],
    ['NSU', NSU, 11, 1],
    ['P and NSK', FILTER_P | NSK, 10, 11],
    ['U and NSU', U | NSU, 1, 11],
    ['NSH', NSH, 11, 11],
  ])('%s', (_name, filter, secure, nonSecure) => {
    expect([counted(filter, true), counted(filter, false)]).toEqual([secure, nonSecure]);
  });

  it('count in Hyp mode with NSH alone', () => {
    for (const [filter, expected] of [
      [0, 0],
      [NSH, 7],
      [NSH | FILTER_P | U, 7],
    ] as const) {
      const { write, choose, counter, pass } = monitors({ mode: 'hyp', secure: false });
      choose(0, EVENT.CPU_CYCLES | filter);
      write('PMCNTENSET', ALL);
      write('PMCR', E);
      pass(7);
      expect(counter(0)).toBe(expected);
    }
  });

  it('apply to the cycle counter too', () => {
    const { rig, write, read, choose, pass } = monitors();
    choose(31, U);
    write('PMCNTENSET', ALL);
    write('PMCR', E);
    write('PMUSERENR', 1);
    pass(3);
    enter(rig, 'usr');
    pass(100);
    expect(read('PMCCNTR')).toBe(3);
  });
});

describe('HDCR', () => {
  it('HPMN hides the upper event counters from a guest: PMCR.N, enables, resets and selection', () => {
    const { rig, write, read, counter } = monitors({ mode: 'hyp', secure: false });
    write('HDCR', 2);
    write('PMCNTENSET', ALL);
    for (const n of [0, 1, 2]) {
      write('PMSELR', n);
      write('PMXEVCNTR', 100 + n);
    }
    rig.sys.writeCpsr(word(0x13), f(1));
    rig.cpu.s[S.M] = 0x13;
    expect((read('PMCR') >>> 11) & 31).toBe(2);
    expect(read('PMCNTENSET')).toBe(0x80000003);
    write('PMCNTENCLR', ALL);
    write('PMCR', P);
    expect(counter(2)).toBe(0);
    rig.cpu.s[S.M] = 0x1a;
    expect(read('PMCNTENSET')).toBe(0x3c);
    expect([0, 1, 2].map(counter)).toEqual([0, 0, 102]);
  });

  it('HPME, not PMCR.E, is what the upper counters count by', () => {
    const { rig, write, counter, choose, pass } = monitors({ mode: 'hyp', secure: false });
    const [NSH, HPME] = [1 << 27, 1 << 7];
    choose(1, EVENT.CPU_CYCLES | NSH);
    choose(2, EVENT.CPU_CYCLES | NSH);
    write('PMCNTENSET', ALL);
    write('HDCR', 2);
    write('PMCR', E);
    pass(5);
    write('PMCR', 0);
    write('HDCR', 2 | HPME);
    pass(7);
    expect([counter(1), counter(2)]).toEqual([5, 7]);
    expect(rig.cpu.system[SLOT.PM_ENABLED]).toBe(0x3c);
  });
});

describe('registers', () => {
  it('PMXEVTYPER keeps filters and event number, and for the cycle counter filters alone', () => {
    const { write, read, choose } = monitors();
    choose(0, -1);
    expect(read('PMXEVTYPER')).toBe(0xf80000ff);
    choose(31, -1);
    expect(read('PMXEVTYPER')).toBe(0xf8000000);
    write('PMSELR', 9);
    write('PMXEVTYPER', -1);
    expect(read('PMXEVTYPER')).toBe(0);
  });

  it('a Cortex-A7 has four event counters, a Cortex-A15 six', () => {
    for (const [name, mask] of [
      ['cortex-a7', 0x8000000f],
      ['cortex-a15', 0x8000003f],
    ] as const) {
      const { write, read } = monitors({ name });
      write('PMCNTENSET', -1);
      write('PMINTENSET', -1);
      expect([read('PMCNTENSET'), read('PMINTENSET')]).toEqual([mask, mask]);
    }
  });
});
