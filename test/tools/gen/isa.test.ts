import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { isaPage } from '../../../tools/gen/isa.ts';

describe('the page of instructions', () => {
  const page = isaPage();

  it('is what the definitions say now (npm run gen writes it)', () => {
    expect(readFileSync('docs/isa.md', 'utf8') === page).toBe(true);
  });

  it('has every instruction with its encodings and its meaning', () => {
    const sections = page.split('\n### ').slice(1);
    expect(sections.map((section) => section.split('\n')[0]).sort()).toEqual(Object.keys(INSTRUCTIONS).sort());
    for (const section of sections) {
      const [name = ''] = section.split('\n');
      for (const { pattern } of Object.values(INSTRUCTIONS[name]?.encodings ?? {})) expect(section).toContain(pattern);
      expect(section).toContain('execute(');
    }
  });
});
