/** A few A32 instructions by their mnemonics, so that guests of the tests need no program outside the project. Reference: DDI 0406C, A5, A8. */

const AL = 0xe0000000;
/** CP15 registers that guests of the tests use, as opc1, CRn, CRm, opc2. */
const SYSTEM = {
  MIDR: [0, 0, 0, 0],
  MPIDR: [0, 0, 0, 5],
  ID_PFR1: [0, 0, 1, 1],
  ID_DFR0: [0, 0, 1, 2],
  SCTLR: [0, 1, 0, 0],
  ACTLR: [0, 1, 0, 1],
  CPACR: [0, 1, 0, 2],
  HCR: [4, 1, 1, 0],
  TTBR0: [0, 2, 0, 0],
  TTBCR: [0, 2, 0, 2],
  DACR: [0, 3, 0, 0],
  DFSR: [0, 5, 0, 0],
  IFSR: [0, 5, 0, 1],
  DFAR: [0, 6, 0, 0],
  IFAR: [0, 6, 0, 2],
  DCISW: [0, 7, 6, 2],
  TLBIALL: [0, 8, 7, 0],
  L2CTLR: [1, 9, 0, 2],
  PMCR: [0, 9, 12, 0],
  VBAR: [0, 12, 0, 0],
  CONTEXTIDR: [0, 13, 0, 1],
  TPIDRURW: [0, 13, 0, 2],
  TPIDRURO: [0, 13, 0, 3],
  TPIDRPRW: [0, 13, 0, 4],
  CNTV_TVAL: [0, 14, 3, 0],
  CNTV_CTL: [0, 14, 3, 1],
  CNTP_CTL: [0, 14, 2, 1],
  CNTKCTL: [0, 14, 1, 0],
  LOCKDOWN: [0, 10, 0, 0],
} as const;
type SystemName = keyof typeof SYSTEM;

const field = ([opc1, CRn, CRm, opc2]: readonly [number, number, number, number], Rt: number): number =>
  (opc1 << 21) | (CRn << 16) | (Rt << 12) | (15 << 8) | (opc2 << 5) | (1 << 4) | CRm;

export class Assembler {
  readonly base: number;
  readonly #words: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #branches: { readonly at: number; readonly label: string }[] = [];

  constructor(base: number) {
    this.base = base;
  }

  /** Address of what comes next. */
  get here(): number {
    return this.base + 4 * this.#words.length;
  }

  word(...words: number[]): this {
    this.#words.push(...words.map((word) => word >>> 0));
    return this;
  }
  label(name: string): this {
    this.#labels.set(name, this.here);
    return this;
  }
  /** Pads with zeros. */
  org(address: number): this {
    while (this.here < address) this.word(0);
    return this;
  }
  /** MOVW and MOVT. */
  mov(rd: number, value: number): this {
    const half = (op: number, imm: number) => (AL | op | ((imm >>> 12) << 16) | (rd << 12) | (imm & 0xfff)) >>> 0;
    return this.word(half(0x03000000, value & 0xffff), half(0x03400000, value >>> 16));
  }
  copy(rd: number, rm: number): this {
    return this.word(AL | 0x01a00000 | (rd << 12) | rm);
  }
  add(rd: number, rn: number, imm8: number): this {
    return this.word(AL | 0x02800000 | (rn << 16) | (rd << 12) | imm8);
  }
  sub(rd: number, rn: number, imm8: number): this {
    return this.word(AL | 0x02400000 | (rn << 16) | (rd << 12) | imm8);
  }
  /** SUBS. */
  subs(rd: number, rn: number, imm8: number): this {
    return this.word(AL | 0x02500000 | (rn << 16) | (rd << 12) | imm8);
  }
  cmp(rn: number, imm8: number): this {
    return this.word(AL | 0x03500000 | (rn << 16) | imm8);
  }
  ldr(rt: number, rn: number, offset = 0): this {
    return this.word(AL | 0x05900000 | (rn << 16) | (rt << 12) | offset);
  }
  str(rt: number, rn: number, offset = 0): this {
    return this.word(AL | 0x05800000 | (rn << 16) | (rt << 12) | offset);
  }
  ldrb(rt: number, rn: number, offset = 0): this {
    return this.word(AL | 0x05d00000 | (rn << 16) | (rt << 12) | offset);
  }
  strb(rt: number, rn: number, offset = 0): this {
    return this.word(AL | 0x05c00000 | (rn << 16) | (rt << 12) | offset);
  }
  ldrsh(rt: number, rn: number, offset = 0): this {
    return this.word(AL | 0x01d000f0 | (rn << 16) | (rt << 12) | ((offset >>> 4) << 8) | (offset & 15));
  }
  ldm(rn: number, list: number): this {
    return this.word(AL | 0x08900000 | (rn << 16) | list);
  }
  /** LDR with writeback after. */
  ldrPost(rt: number, rn: number, offset: number): this {
    return this.word(AL | 0x04900000 | (rn << 16) | (rt << 12) | offset);
  }
  ldrex(rt: number, rn: number): this {
    return this.word(AL | 0x01900f9f | (rn << 16) | (rt << 12));
  }
  strex(rd: number, rt: number, rn: number): this {
    return this.word(AL | 0x01800f90 | (rn << 16) | (rd << 12) | rt);
  }
  mrc(name: SystemName, rt: number): this {
    return this.word(AL | 0x0e100000 | field(SYSTEM[name], rt));
  }
  mcr(name: SystemName, rt: number): this {
    return this.word(AL | 0x0e000000 | field(SYSTEM[name], rt));
  }
  /** MCR p15 by opc1, CRn, CRm, opc2. */
  mcrAt(encoding: readonly [number, number, number, number], rt: number): this {
    return this.word(AL | 0x0e000000 | field(encoding, rt));
  }
  /** MSR of a banked register, by R and SYSm. */
  msrBanked(R: number, SYSm: number, rn: number): this {
    return this.word(AL | 0x0120f200 | (R << 22) | ((SYSm & 15) << 16) | ((SYSm >>> 4) << 8) | rn);
  }
  hvc(imm = 0): this {
    return this.word(AL | 0x01400070 | ((imm >>> 4) << 8) | (imm & 15));
  }
  smc(): this {
    return this.word(AL | 0x01600070);
  }
  wfi(): this {
    return this.word(0xe320f003);
  }
  wfe(): this {
    return this.word(0xe320f002);
  }
  sev(): this {
    return this.word(0xe320f004);
  }
  /** CPSIE and CPSID of I. */
  cpsie(): this {
    return this.word(0xf1080080);
  }
  cpsid(): this {
    return this.word(0xf10c0080);
  }
  /** CPS to a mode. */
  cps(mode: number): this {
    return this.word(0xf1020000 | mode);
  }
  /** SUBS PC, LR, #imm. */
  exceptionReturn(imm8: number): this {
    return this.word(AL | 0x025ef000 | imm8);
  }
  b(label: string, cond = 14): this {
    this.#branches.push({ at: this.here, label });
    return this.word(((cond << 28) | 0x0a000000) >>> 0);
  }
  bne(label: string): this {
    return this.b(label, 1);
  }
  beq(label: string): this {
    return this.b(label, 0);
  }
  /** Loads R0 to R3 and calls. */
  call(id: number, ...args: number[]): this {
    this.mov(0, id);
    args.forEach((value, i) => {
      this.mov(i + 1, value);
    });
    return this.hvc();
  }

  bytes(): Uint8Array {
    for (const { at, label } of this.#branches) {
      const target = this.#labels.get(label);
      if (target === undefined) throw new Error(`no label ${label}`);
      const index = (at - this.base) / 4;
      this.#words[index] = ((this.#words[index] as number) | (((target - at - 8) >> 2) & 0xffffff)) >>> 0;
    }
    return new Uint8Array(new Uint32Array(this.#words).buffer);
  }
}
