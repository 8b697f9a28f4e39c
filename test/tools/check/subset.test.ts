import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { show } from '../../../tools/check/finding.ts';
import { committable, readSources } from '../../../tools/check/sources.ts';
import { checkSubset } from '../../../tools/check/subset.ts';
import { RULES, type Rule } from '../../../tools/check/subset-effects.ts';

const ISA = 'core/cpu/isa/example.ts';

/** An instruction with the fields Rd, Rn and S, its body on the lines after the sixth; functions stand before it. */
const instruction = (body: string, functions = ''): string => `import { branchWritePC } from '../alu.ts';
import { enc, field, instruction, type word, word as toWord } from '../insn.ts';
import { elsewhere } from '../step.ts';
${functions}
export const EXAMPLE = instruction({ asm: '', ref: '', encodings: {},
  execute(cpu, { Rd, Rn, S }) {
    ${body}
  },
});`;

const ALU = `import type { Cpu } from './state.ts';
import type { word } from './insn.ts';
export function branchWritePC(cpu: Cpu, target: word): void {
  cpu.branch(target);
}`;

const found = (text: string): string[] => checkSubset(readSources({ [ISA]: text, 'core/cpu/alu.ts': ALU })).map(show);

/** For each rule a body that breaks it and no other. */
const BROKEN: Readonly<Record<Rule, string | { body: string; functions: string }>> = {
  signature: { body: 'cpu.r[Rd] = twice(cpu.r[Rn]);', functions: 'function twice(x: word) { return toWord(x + x); }' },
  return: 'if (cpu.C) return;',
  outer: 'let x = cpu.r[Rn]; if (cpu.C) x = cpu.r[Rd]; cpu.r[Rd] = x;',
  hidden: 'const x = cpu.C ? cpu.mem.readU32(cpu.r[Rn]) : toWord(0); cpu.r[Rd] = x;',
  loop: 'for (let i = cpu.r[Rn]; i < 4; i++) cpu.setNZ(i);',
  register: 'cpu.r[cpu.r[Rn]] = cpu.r[Rd];',
  field: 'cpu.r[field(cpu.r[Rn])] = cpu.r[Rd];',
  order: 'cpu.r[Rd] = cpu.r[Rn]; cpu.mem.writeU32(cpu.r[Rn], cpu.r[Rd]);',
  last: 'cpu.branch(cpu.r[Rn]); cpu.r[Rd] = cpu.r[Rn];',
  callOut: 'elsewhere(); cpu.r[Rd] = cpu.r[Rn];',
  name: { body: 'cpu.r[Rd] = toWord(count);', functions: 'let count = 0;' },
  compound: 'let x = cpu.r[Rn]; x += 1; cpu.r[Rd] = x;',
  assignment: 'cpu.mem = cpu.r[Rn];',
  operator: 'cpu.r[Rd] = toWord(cpu.r[Rn] * cpu.r[Rd]);',
  statement: 'switch (S) { case 0: break; }',
  expression: 'cpu.r[Rd] = toWord(typeof S);',
};

describe('the restricted subset of instructions', () => {
  it.each(Object.entries(BROKEN))('has the rule: %s', (rule, broken) => {
    const { body, functions } = typeof broken === 'string' ? { body: broken, functions: '' } : broken;
    const messages = found(instruction(body, functions));
    const line = rule === 'signature' ? 4 : 7;
    expect(new Set(messages)).toEqual(new Set([`${ISA}:${line}: subset: ${RULES[rule as Rule]}`]));
  });

  it.each([
    [
      'static conditions with returns and assignments',
      'let x = cpu.r[Rn]; if (S) x = cpu.r[Rd]; if (Rd === 15) return; cpu.r[Rd] = x;',
    ],
    ['run-time conditions around effects', 'if (cpu.C) { cpu.Q = true; } cpu.r[Rd] = cpu.r[Rn];'],
    ['a choice of values', 'cpu.r[Rd] = cpu.C ? cpu.r[Rn] : toWord(0);'],
    ['loops over fields', 'let x = toWord(0); for (let i = field(0); i < 4; i++) x = toWord(x + cpu.r[i]); cpu.r[Rd] = x;'],
    ['loads before writes, the branch last', 'const x = cpu.mem.readU32(cpu.r[Rn]); cpu.r[Rn] = x; branchWritePC(cpu, x);'],
    [
      'either side of a condition with its own order',
      'if (S) cpu.r[Rd] = cpu.r[Rn]; else cpu.mem.writeU32(cpu.r[Rn], cpu.r[Rd]);',
    ],
    ['products of fields', 'cpu.r[Rd] = toWord(cpu.r[Rn] >>> (8 * S));'],
    [
      'a store that depends on what was loaded',
      'const ok = cpu.mem.passExclusive(cpu.r[Rn], 4); if (ok) cpu.mem.writeA32(cpu.r[Rn], cpu.r[Rd]); cpu.r[Rd] = toWord(0);',
    ],
  ])('allows %s', (_, body) => {
    expect(found(instruction(body))).toEqual([]);
  });

  it('looks into the functions that instructions share, in any file', () => {
    const functions = 'function late(cpu: Cpu, x: word): void { cpu.setNZ(x); cpu.mem.writeU8(x, x); }';
    expect(found(instruction('late(cpu, cpu.r[Rn]);', functions))).toEqual([`${ISA}:4: subset: ${RULES.order}`]);
    const broken = ALU.replace('cpu.branch(target);', 'while (cpu.C) cpu.branch(target);');
    const messages = checkSubset(readSources({ 'core/cpu/alu.ts': broken })).map(show);
    expect(messages).toEqual([`core/cpu/alu.ts:4: subset: ${RULES.loop}`]);
  });

  it('counts what a shared function does where it is called', () => {
    const functions = 'function write(cpu: Cpu, n: Field, x: word): void { cpu.r[n] = x; }';
    const body = 'write(cpu, Rd, cpu.r[Rn]); cpu.r[Rd] = cpu.mem.readU32(cpu.r[Rn]);';
    expect(found(instruction(body, functions))).toEqual([`${ISA}:7: subset: ${RULES.order}`]);
  });

  it('is kept by every instruction', () => {
    const paths = committable().filter((path) => path.startsWith('core/cpu/'));
    const sources = readSources(Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')])));
    expect(checkSubset(sources).map(show)).toEqual([]);
  });
});
