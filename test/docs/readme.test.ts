/** What the documents show must work as it stands there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BINDINGS } from '../../core/machine/bindings.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { plan } from '../../core/machine/system/plan.ts';
import { commandLinePage } from '../../tools/cli/verb-text.ts';
import { VERBS } from '../../tools/cli/verbs.ts';
import { filesWith } from '../core/machine/rig.ts';

const readme = readFileSync('README.md', 'utf8');
const bindings = readFileSync('docs/bindings.md', 'utf8');

/** The indented block that starts with a line. */
function block(text: string, start: string): string {
  const lines = text.split('\n');
  const from = lines.indexOf(`    ${start}`);
  const to = lines.findIndex((line, i) => i > from && line !== '' && !line.startsWith('    '));
  return lines
    .slice(from, to)
    .map((line) => line.slice(4))
    .join('\n');
}

it("the README's system has nothing wrong with it", () => {
  const files = filesWith({ 'boards/readme.dts': block(readme, '#include "../boards/virt/board.dts"') });
  const { findings, domains } = plan(parseDts('boards/readme.dts', files), files);
  expect(findings.list).toEqual([]);
  expect(domains.map(({ name }) => name)).toEqual(['writer', 'reader']);
});

it('the README names every option of the command line', () => {
  const options = [...new Set([VERBS.run, VERBS.boot].flatMap((verb) => verb.options.map(({ name }) => name)))];
  expect(options.length).toBeGreaterThan(15);
  expect(options.filter((option) => !readme.includes(option))).toEqual([]);
});

it('the page of the command line is what the table of verbs says', () => {
  expect(readFileSync('docs/command-line.md', 'utf8')).toBe(commandLinePage());
});

it('the README names every dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !/^@types\/|coverage/.test(name));
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

it('the bindings name every device that has a model', () => {
  const modelled = Object.entries(BINDINGS)
    .filter(([, build]) => build !== undefined)
    .map(([name]) => name);
  const primecells = bindings.includes('other PrimeCells');
  const missing = modelled.filter(
    (name) => !bindings.includes(`\`${name}\``) && !(primecells && /^arm,p[lr]\d|^arm,sp810/.test(name)),
  );
  expect(missing).toEqual([]);
});

it('the bindings have every property of ours that the sources read', () => {
  const read = ['domain', 'plan', 'guest-tree'].map((name) => readFileSync(`core/machine/system/${name}.ts`, 'utf8')).join();
  const machine = ['machine', 'board', 'wiring', 'boot', 'virtio', 'networks']
    .map((name) => readFileSync(`core/machine/${name}.ts`, 'utf8'))
    .join();
  const names = [...new Set(`${read}${machine}`.match(/(?<=')partita,[a-z][a-z-]*(?=')/g))];
  expect(names.length).toBeGreaterThan(12);
  expect(names.filter((name) => !bindings.includes(name))).toEqual([]);
});

describe.each(['README.md', 'docs/architecture.md', 'docs/bindings.md', 'guests/README.md'])('%s', (document) => {
  it('names only files that exist', () => {
    const text = readFileSync(document, 'utf8');
    const named = [...text.matchAll(/`((?:core|tools|test|docs|boards|guests|\.ci)\/[\w./-]+)`/g)].map(
      ([, path]) => path as string,
    );
    const missing = named.filter((path) => !existsSync(path) && !existsSync(join(dirname(document), path)));
    expect(missing).toEqual([]);
  });
});
