import { describe, expect, it } from 'vitest';
import { show } from '../../../tools/check/finding.ts';
import { checkLayers, LAYERS } from '../../../tools/check/layers.ts';
import { readSources } from '../../../tools/check/sources.ts';

const found = (files: Record<string, string>) => checkLayers(readSources(files)).map(show);

describe('the layers', () => {
  it.each([
    ['the bus and the processor', 'core/bus/a.ts', '../cpu/state.ts', 'core/bus may import core/base'],
    ['base and anything', 'core/base/a.ts', '../bus/clock.ts', 'core/base may import nothing'],
    ['a device and the processor', 'core/devices/a.ts', '../cpu/state.ts', 'core/devices may import core/base, core/bus'],
    ['a device and another', 'core/devices/a.ts', './pl011.ts', 'core/devices may import core/base, core/bus'],
    ['a device and the interrupt controller', 'core/devices/a.ts', './gic/gic.ts', 'core/devices may import core/base, core/bus'],
    ['the hypervisor and the machine', 'core/hyp/a.ts', '../machine/machine.ts', 'core/hyp may import'],
    ['the hypervisor and a UART', 'core/hyp/a.ts', '../devices/pl011.ts', 'core/hyp may import'],
    ['an instruction and the MMU', 'core/cpu/isa/a.ts', '../../mmu/mmu.ts', 'core/cpu/isa may import core/base, core/cpu'],
    ['the processor and its instructions', 'core/cpu/a.ts', './isa/all.ts', 'core/cpu may import'],
    ['the processor and its system registers', 'core/cpu/a.ts', './sysreg/all.ts', 'core/cpu may import'],
    ['floating point and the processor', 'core/cpu/fp/a.ts', '../state.ts', 'core/cpu/fp may import core/base'],
    ['the command line and the processor', 'tools/cli/a.ts', '../../core/cpu/state.ts', 'tools/cli may import core/machine'],
    ['a tool and a test', 'tools/oracle/a.ts', '../../test/support/oracles.ts', 'tools/oracle may import core'],
    ['core and Node', 'core/machine/a.ts', 'node:fs', 'core/machine may import nothing'],
    ['core and a package', 'core/base/a.ts', 'arg', 'core/base may import nothing'],
    ['a tool and a package that is not its own', 'tools/fetch/a.ts', 'arg', 'tools/fetch may import node:'],
  ])('keep %s apart', (_, file, target, rule) => {
    const [finding, ...rest] = found({ [file]: `// first line\nimport { x } from '${target}';\n` });
    expect(finding).toContain(`${file}:2: imports `);
    expect(finding).toContain(rule);
    expect(rest).toEqual([]);
  });

  it.each([
    ["import type { X } from '../cpu/state.ts';"],
    ["export { x } from '../cpu/state.ts';"],
    ["export * from '../cpu/state.ts';"],
    ["import '../cpu/state.ts';"],
    ["const x = await import('../cpu/state.ts');"],
    ["type X = import('../cpu/state.ts').Cpu;"],
  ])('see through %s', (line) => {
    expect(found({ 'core/bus/a.ts': line })).toEqual([
      'core/bus/a.ts:1: imports core/cpu/state.ts; core/bus may import core/base',
    ]);
  });

  it.each([
    ['core/bus/a.ts', '../base/bits.ts'],
    ['core/bus/a.ts', './clock.ts'],
    ['core/devices/a.ts', './primecell-id.ts'],
    ['core/devices/gic/a.ts', './distributor.ts'],
    ['core/hyp/a.ts', '../devices/gic/registers.ts'],
    ['core/cpu/system.ts', './sysreg/all.ts'],
    ['core/cpu/fp/exact/a.ts', '../compare.ts'],
    ['core/machine/system/a.ts', '../board.ts'],
    ['tools/cli/semihosting-files.ts', '../../core/devices/semihosting.ts'],
    ['tools/cli/a.ts', 'node:fs/promises'],
    ['test/core/a.test.ts', '../support/oracles.ts'],
  ])('let %s import %s', (file, target) => {
    expect(found({ [file]: `import '${target}';` })).toEqual([]);
  });

  it('want a row for every folder', () => {
    expect(found({ 'core/new/a.ts': 'export {};' })).toEqual([
      'core/new/a.ts:1: is in no layer: add its folder to tools/check/layers.ts',
    ]);
  });

  it('are layers: no row reaches itself through others, but for the parts of the processor', () => {
    const rows = Object.keys(LAYERS).filter(
      (row) => row.startsWith('core/') && !row.endsWith('.ts') && !row.startsWith('core/machine'),
    );
    const below = (row: string): string[] => rows.filter((other) => other !== row && LAYERS[row]?.imports.includes(other));
    const reach = (row: string, seen = new Set<string>()): Set<string> => {
      for (const next of below(row)) if (!seen.has(next)) reach(next, seen.add(next));
      return seen;
    };
    expect(rows.filter((row) => reach(row).has(row))).toEqual([]);
  });
});

describe('rings of files', () => {
  it('are named once, with the way round', () => {
    const ring = {
      'core/base/a.ts': "\nimport { b } from './b.ts';\nexport const a = () => b;",
      'core/base/b.ts': "export { c as b } from './c.ts';",
      'core/base/c.ts': "import { a } from './a.ts';\nexport const c = () => a;",
    };
    expect(found(ring)).toEqual([
      'core/base/a.ts:2: needs itself: core/base/a.ts → core/base/b.ts → core/base/c.ts → core/base/a.ts',
    ]);
  });

  it('may be closed by types, which the program does not contain', () => {
    const ring = {
      'core/base/a.ts': "import { b } from './b.ts';\nexport const a = () => b;",
      'core/base/b.ts': "import type { A } from './a.ts';\nimport { type A as B } from './a.ts';\nexport const b = 1;",
    };
    expect(found(ring)).toEqual([]);
  });
});
