/** How a region is left, before an instruction or after one, and what it owes to the budget then. */
import * as S from '../cpu/scalars.ts';
import { Flags } from './flags.ts';
import { Frame } from './frame.ts';
import { constant, inLocal, type Value } from './value.ts';
import { I32, OP } from './wasm.ts';

/**
 * What the dispatcher returns: that it has no code at NEXT; that the engine has to look up; that a region was entered so often that a larger one
 * is due; that the instruction at NEXT is for the interpreter; or else, odd, the number of an exit. A region returns the same odd numbers, or
 * the even address where to go on, or that no region has the instruction at NEXT: the dispatcher tries whether it is a call or a return.
 * `short`: there is not time enough for the block at NEXT.
 */
export const LEAVE = { miss: 0, attend: 1, warm: 2, undone: -1, untranslated: -3, short: -7 } as const;
/** Why a region is left by one of its exits: to have one instruction interpreted, or because time is short. */
export const WHY = { interpret: 0, budget: 1 } as const;
/** Numbers of an exit: where it is, the reason and ITSTATE, instructions that are not counted yet, what changes of how the flags are held. */
export const EXIT = { pc: 0, why: 1, count: 2, kept: 3, kinds: 4, numbers: 5 } as const;
export const exitOf = (left: number): number => ((left >>> 1) - 1) * EXIT.numbers;

/** The level of the block around all code, whose end is the exit. */
export const OUTERMOST = 0;

export class Leaving extends Frame {
  readonly flags = new Flags(this);
  /** Locals: where to go on, and how much time is left. */
  readonly pc = this.newLocal(I32);
  readonly budget = this.newLocal(I32);
  /** Instructions that ran before the block in hand and are not taken from the budget yet. */
  owed = 0;
  /** The exits of the function, `EXIT.numbers` each. */
  readonly exits: number[] = [];

  /** Pushes the number of an exit before the instruction in hand. */
  #putExit(why: number): void {
    const { pc, it, count } = this.place;
    const { exits } = this;
    const { kept, kinds } = this.flags.atExit;
    const exit = [pc, why | (it << 8), count, kept, kinds];
    const last = exits.length - EXIT.numbers;
    if (last < 0 || exit.some((number, i) => exits[last + i] !== number)) exits.push(...exit);
    this.put(constant((exits.length / EXIT.numbers) * 2 + 1));
  }

  /** Leaves before the instruction in hand, if what is pushed is not 0. */
  leaveWhere(why: number, push: () => void): void {
    if (this.flags.areStored) {
      this.#putExit(why);
      push();
      this.brIf(OUTERMOST);
      this.code.byte(OP.drop);
      return;
    }
    push();
    this.open(OP.if);
    this.#leave(why);
    this.close();
  }

  #leave(why: number): void {
    const { held } = this.flags;
    this.flags.keepCompared();
    this.flags.storeWords();
    this.#putExit(why);
    this.br(OUTERMOST);
    this.flags.held = held;
  }

  /** Leaves the instruction in hand to the interpreter. */
  interpret(): void {
    this.#leave(WHY.interpret);
  }

  /** Goes on to an instruction that no region has. */
  goToUntranslated(address: number): void {
    this.pay();
    this.flags.store();
    this.setScalar(S.NEXT, constant(address));
    this.put(constant(LEAVE.untranslated));
    this.br(OUTERMOST);
  }

  /** Leaves before the instruction in hand, if a condition holds. */
  leaveIf(condition: Value, why: number = WHY.interpret): void {
    this.leaveWhere(why, () => this.put(condition));
  }

  /** Goes on elsewhere: at an address, or where the local `pc` says. */
  goTo(address: number | undefined): void {
    this.pay();
    this.flags.store();
    this.put(address === undefined ? inLocal(I32, this.pc) : constant(address));
    this.br(OUTERMOST);
  }

  /** The same if a condition holds. */
  goToIf(condition: Value, address: number): void {
    this.pay();
    this.flags.settle();
    this.put(constant(address));
    this.put(condition);
    this.brIf(OUTERMOST);
    this.code.byte(OP.drop);
  }

  /** Takes what is owed from the budget. */
  pay(): void {
    this.spend(this.owed);
    this.owed = 0;
  }

  /** Takes instructions from the budget. */
  spend(count: number): void {
    if (count === 0) return;
    this.getLocal(this.budget);
    this.code.byte(OP.i32_const);
    this.code.signed(count);
    this.code.byte(OP.i32_sub);
    this.setLocal(this.budget);
  }
}
