import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../../core/cpu/insn.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import * as thumbEe from '../../../core/cpu/isa/thumb-ee.ts';
import { isaPage } from '../../../tools/gen/isa.ts';

describe('the page of instructions', () => {
  const page = isaPage();

  it('is what the definitions say now (npm run gen writes it)', () => {
    expect(readFileSync('docs/isa.md', 'utf8') === page).toBe(true);
  });

  it('has every instruction with its encodings and its meaning', () => {
    const [everywhere = '', inThumbEE = ''] = page.split('\nIn ThumbEE state');
    expectSections(everywhere, INSTRUCTIONS);
    expectSections(inThumbEE, { ...thumbEe });
  });

  function expectSections(text: string, definitions: Readonly<Record<string, Instruction>>): void {
    const sections = text.split('\n### ').slice(1);
    expect(sections.map((section) => section.split('\n')[0]).sort()).toEqual(Object.keys(definitions).sort());
    for (const section of sections) {
      const [name = ''] = section.split('\n');
      for (const { pattern } of Object.values(definitions[name]?.encodings ?? {})) expect(section).toContain(pattern);
      expect(section).toContain('execute(');
    }
  }
});
