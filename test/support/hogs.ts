/** Guests that do nothing but harm, as far as they can: what noninterference is tried with. Each is raw code for the start of a partition's RAM. */
import { Assembler } from '../core/hyp/assembler.ts';

const RAM = 0x40000000;
const VECTORS = RAM + 0x10000;
const [GICD, GICC, UART, HOLE] = [0x03001000, 0x03002000, 0x22000000, 0x70000000];
const [SYSTEM_RESET, CONSOLE_WRITE, NOTIFY, UID] = [0x84000009, 0x86000001, 0x86000011, 0x8600ff01];
const VTIMER = 1 << 27;
/** B to itself. */
const STAY = 0xeafffffe;
const MOV_R0_1 = 0xe3a00001;

/** `again` goes back to the label "loop", with or without a pause. */
type Program = (a: Assembler, again: () => void) => void;

/** MCR p15, opc1, Rt, CRn, CRm, opc2 of what the assembler has no name for. */
const mcr = (opc1: number, CRn: number, CRm: number, opc2: number, Rt = 0): number =>
  (0xee000f10 | (opc1 << 21) | (CRn << 16) | (Rt << 12) | (opc2 << 5) | CRm) >>> 0;

/** Where exceptions go: undefined instructions and data aborts are skipped, interrupts are not served, and a fetch from nowhere is the end. */
const skipping = (a: Assembler): void => {
  a.org(VECTORS).word(0).exceptionReturn(0).exceptionReturn(0).word(STAY).exceptionReturn(4).word(0);
  a.exceptionReturn(4).exceptionReturn(4);
};

/** Before the program: vectors that skip. */
const withVectors =
  (program: Program): Program =>
  (a, again) => {
    a.mov(0, VECTORS).mcr('VBAR', 0);
    program(a, again);
    skipping(a);
  };

const interrupts = (a: Assembler): Assembler =>
  a.mov(8, GICD).mov(9, GICC).mov(0, 1).str(0, 8).str(0, 9).mov(0, 0xff).str(0, 9, 4).mov(0, -1).str(0, 8, 0x100);

const PROGRAMS: Readonly<Record<string, Program>> = {
  'a busy loop': (a, again) => {
    a.label('loop');
    again();
  },
  'a wait with interrupts masked': (a, again) => {
    a.cpsid().label('loop').wfi();
    again();
  },
  'a storm of hypercalls': (a, again) => {
    a.mov(4, UID).label('loop').copy(0, 4).hvc();
    again();
  },
  'a storm of unknown hypercalls': (a, again) => {
    a.mov(4, 0x85fffff0).label('loop').copy(0, 4).add(4, 4, 1).hvc(77).hvc();
    again();
  },
  'a storm of firmware calls': (a, again) => {
    a.mov(4, 0x84000000).label('loop').copy(0, 4).smc();
    again();
  },
  'a storm on the distributor and on nothing': withVectors((a, again) => {
    interrupts(a).mov(4, HOLE).label('loop').ldr(5, 8, 4).str(5, 8, 0x200).ldrb(5, 8, 0x400).ldr(5, 4).str(5, 4);
    again();
  }),
  'code that changes itself': (a, again) => {
    a.mov(4, MOV_R0_1)
      .mov(5, RAM + 0x20)
      .org(RAM + 0x18)
      .label('loop')
      .add(4, 4, 1)
      .str(4, 5)
      .word(MOV_R0_1);
    again();
  },
  'vectors where nothing is': (a, again) => {
    a.mov(0, HOLE).mcr('VBAR', 0).label('loop').word(0xe7f000f0);
    again();
  },
  'undefined instructions without end': withVectors((a, again) => {
    a.label('loop').word(0xe7f000f0).mcr('HCR', 0);
    again();
  }),
  'a storm of software interrupts': withVectors((a, again) => {
    interrupts(a).mov(0, 0x00ff0000).mov(1, 0x02000000).cpsie().label('loop').str(0, 8, 0xf00).str(1, 8, 0xf00).add(1, 1, 1);
    again();
  }),
  'a timer that is never served': withVectors((a, again) => {
    interrupts(a)
      .mov(0, VTIMER)
      .str(0, 8, 0x100)
      .mov(0, -1)
      .mcr('CNTV_TVAL', 0)
      .mov(0, 1)
      .mcr('CNTV_CTL', 0)
      .cpsie()
      .label('loop')
      .wfi();
    again();
  }),
  'timers at odd times': (a, again) => {
    interrupts(a).mov(0, 1).mcr('CNTV_CTL', 0).mov(1, 37).label('loop').add(1, 1, 13).mcr('CNTV_TVAL', 1).wfi();
    again();
  },
  'a timer that never gets there': (a, again) => {
    a.mov(0, 1).mcr('CNTV_CTL', 0).mov(1, 50).label('loop').mcr('CNTV_TVAL', 1);
    again();
  },
  'a flood of the console': (a, again) => {
    a.mov(4, UART).mov(5, 0x1b).label('loop').str(5, 4).add(5, 5, 1);
    again();
  },
  'a flood of the console by hypercall': (a, again) => {
    a.label('loop').call(CONSOLE_WRITE, RAM, 1024);
    again();
  },
  'doorbells that nobody has': (a, again) => {
    a.label('loop').call(NOTIFY, 0).call(NOTIFY, 1);
    again();
  },
  'exclusives and events': (a, again) => {
    a.mov(4, RAM + 0x8000)
      .label('loop')
      .ldrex(5, 4)
      .add(5, 5, 1)
      .strex(6, 5, 4)
      .sev()
      .wfe();
    again();
  },
  'maintenance of caches and TLBs': withVectors((a, again) => {
    a.label('loop')
      .mcr('TLBIALL', 0)
      .word(mcr(0, 8, 3, 0), mcr(4, 8, 7, 0), mcr(0, 7, 5, 0))
      .mcr('DCISW', 0);
    again();
  }),
  'restarts of itself': (a, again) => {
    a.b('start').label('loop').call(SYSTEM_RESET).label('start');
    again();
  },
};

/** By name. Each round of a loop is followed by `pause` rounds of doing nothing: what costs the host much then costs it less. */
export function makeHogs(pause: number): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(PROGRAMS).map(([name, program]) => [name, assemble(program, pause)]));
}

function assemble(program: Program, pause: number): Uint8Array {
  const a = new Assembler(RAM);
  program(a, () => {
    if (pause > 0) a.mov(10, pause).label('pause').subs(10, 10, 1).bne('pause');
    a.b('loop');
  });
  return a.bytes();
}

/** mulberry32. */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/**
 * Random words: A32 for an even seed, Thumb for an odd one. Some always execute, so that it gets further than the first condition; half of the
 * seeds have vectors, so that it gets further than the first exception.
 */
export function garbage(seed: number, words = 4096): Uint8Array {
  const next = random(seed);
  const thumb = seed % 2 === 1;
  const a = new Assembler(RAM);
  if (seed % 4 < 2) a.mov(0, VECTORS).mcr('VBAR', 0);
  // ADD R0, PC, #1; BX R0
  if (thumb) a.word(0xe28f0001, 0xe12fff10);
  for (let i = 0; i < words; i++) {
    const word = next();
    a.word(thumb || next() % 4 === 0 ? word : ((word & 0x0fffffff) | 0xe0000000) >>> 0);
  }
  skipping(a);
  return a.bytes();
}
