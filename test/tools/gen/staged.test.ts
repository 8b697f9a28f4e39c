import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { STAGED } from '../../../core/jit/staging.ts';
import { stagedFiles } from '../../../tools/gen/staged.ts';

const FOLDER = 'core/jit/staged';

describe('the staged instructions', () => {
  it('are what the definitions say now (npm run gen writes them), and there are no others', () => {
    const files = stagedFiles();
    for (const [path, text] of Object.entries(files)) expect(readFileSync(path, 'utf8') === text, path).toBe(true);
    expect(
      readdirSync(FOLDER)
        .map((file) => `${FOLDER}/${file}`)
        .sort(),
    ).toEqual(Object.keys(files).sort());
  });

  it('have the names of definitions, so that none stands for nothing', () => {
    for (const name of Object.keys(STAGED)) expect(INSTRUCTIONS[name], name).toBeDefined();
  });
});
