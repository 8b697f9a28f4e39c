/**
 * C's integer expressions: in 64 unsigned bits as dtc reckons, in signed ones for #if.
 * Reference: ISO/IEC 9899:2011, 6.5.3 to 6.5.15.
 */
import type { DeviceTreeError } from './error.ts';

export interface Operand {
  /** The operator or parenthesis. */
  readonly text: string;
  /** How a complaint names what stands here. */
  readonly shown: string;
  /** Of a literal. */
  readonly value?: bigint | undefined;
}

export interface ExpressionSource {
  peek(): Operand;
  next(): Operand;
  fail(problem: string, expected?: string): DeviceTreeError;
}

/** Deepest nesting of parentheses and ?: that is read. */
const MAX_DEPTH = 200;

const PRECEDENCE: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};

type Wrap = (value: bigint) => bigint;

export function evaluate(source: ExpressionSource, signed = false): bigint {
  const wrap: Wrap = signed ? (value) => BigInt.asIntN(64, value) : (value) => BigInt.asUintN(64, value);
  // dtc knows no unary plus.
  return new Expression(source, wrap, signed ? ['-', '~', '!', '+'] : ['-', '~', '!']).conditional();
}

class Expression {
  readonly #source: ExpressionSource;
  readonly #wrap: Wrap;
  readonly #prefixes: readonly string[];
  #depth = 0;

  constructor(source: ExpressionSource, wrap: Wrap, prefixes: readonly string[]) {
    this.#source = source;
    this.#wrap = wrap;
    this.#prefixes = prefixes;
  }

  conditional(): bigint {
    if (++this.#depth > MAX_DEPTH) throw this.#source.fail(`expression is nested deeper than ${MAX_DEPTH}`);
    const condition = this.#binary(1);
    const value = this.#accept('?') ? this.#branches(condition) : condition;
    this.#depth--;
    return value;
  }

  #branches(condition: bigint): bigint {
    const then = this.conditional();
    if (!this.#accept(':')) throw this.#source.fail(`found ${this.#source.peek().shown}`, "':'");
    const otherwise = this.conditional();
    return condition !== 0n ? then : otherwise;
  }

  #accept(text: string): boolean {
    const found = this.#source.peek();
    if (found.value !== undefined || found.text !== text) return false;
    this.#source.next();
    return true;
  }

  #binary(lowest: number): bigint {
    let left = this.#unary();
    for (;;) {
      const { text, value } = this.#source.peek();
      const precedence = value === undefined && Object.hasOwn(PRECEDENCE, text) ? PRECEDENCE[text]! : 0;
      if (precedence < lowest) return left;
      this.#source.next();
      left = this.#apply(text, left, this.#binary(precedence + 1));
    }
  }

  #unary(): bigint {
    const operators: string[] = [];
    while (this.#source.peek().value === undefined && this.#prefixes.includes(this.#source.peek().text)) {
      operators.push(this.#source.next().text);
    }
    let value = this.#primary();
    for (const operator of operators.reverse()) {
      if (operator === '!') value = truth(value === 0n);
      else if (operator !== '+') value = this.#wrap(operator === '-' ? -value : ~value);
    }
    return value;
  }

  #primary(): bigint {
    const { value, shown } = this.#source.peek();
    if (value !== undefined) {
      this.#source.next();
      return this.#wrap(value);
    }
    if (!this.#accept('(')) throw this.#source.fail(`found ${shown}`, 'a number or a parenthesised expression');
    const inner = this.conditional();
    if (!this.#accept(')')) throw this.#source.fail(`found ${this.#source.peek().shown}`, "')' or an operator");
    return inner;
  }

  #apply(operator: string, left: bigint, right: bigint): bigint {
    if (operator === '/' || operator === '%') {
      if (right === 0n) throw this.#source.fail('division by zero');
      return this.#wrap(operator === '/' ? left / right : left % right);
    }
    return this.#wrap(OPERATORS[operator]!(left, right));
  }
}

function truth(condition: boolean): bigint {
  return condition ? 1n : 0n;
}

/** A shift by 64 or more leaves nothing, as in dtc; C leaves it undefined. */
const OPERATORS: Readonly<Record<string, (left: bigint, right: bigint) => bigint>> = {
  '||': (left, right) => truth(left !== 0n || right !== 0n),
  '&&': (left, right) => truth(left !== 0n && right !== 0n),
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '&': (left, right) => left & right,
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '>': (left, right) => truth(left > right),
  '<=': (left, right) => truth(left <= right),
  '>=': (left, right) => truth(left >= right),
  '<<': (left, right) => (right >= 0n && right < 64n ? left << right : 0n),
  '>>': (left, right) => (right >= 0n && right < 64n ? left >> right : 0n),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
};
