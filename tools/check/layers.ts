/**
 * The layers, as data: what the files of a folder may import. A file may always import its own folder. A row holds for the folder and
 * for those below it that have no row of their own. Beyond the rows, no file may need itself through others (imports of types alone,
 * which leave no trace in the program, are free of that).
 */
import { dirname, join, normalize } from 'node:path/posix';
import { type SourceFile, SyntaxKind } from 'ts-morph';
import type { Finding } from './finding.ts';
import type { Sources } from './sources.ts';

/** `imports` names folders (with all below them) or single files, `packages` what comes from npm or Node. */
export interface Layer {
  readonly imports: readonly string[];
  readonly packages?: readonly string[];
}

const NODE = 'node:';
const CORE = ['core'];

export const LAYERS: Readonly<Record<string, Layer>> = {
  'core/base': { imports: [] },
  'core/bus': { imports: ['core/base'] },
  'core/mmu': { imports: ['core/base', 'core/bus'] },
  // Arithmetic alone: it knows nothing of processors.
  'core/cpu/fp': { imports: ['core/base'] },
  'core/cpu/simd': { imports: ['core/base', 'core/cpu/fp'] },
  // The processor knows the tables of its system registers by what they are made of; those few files alone look into them.
  'core/cpu': { imports: ['core/base', 'core/bus', 'core/mmu', 'core/cpu/fp', 'core/cpu/simd'] },
  'core/cpu/coprocessor.ts': { imports: ['core/base', 'core/cpu', 'core/mmu'] },
  'core/cpu/reset.ts': { imports: ['core/base', 'core/cpu'] },
  'core/cpu/system.ts': { imports: ['core/base', 'core/bus', 'core/cpu', 'core/mmu'] },
  'core/cpu/thumb-ee.ts': { imports: ['core/cpu'] },
  'core/cpu/isa': { imports: ['core/base', 'core/cpu'] },
  // CP15 shows the state of the MMU: fault registers, PAR, TLB maintenance.
  'core/cpu/sysreg': { imports: ['core/base', 'core/cpu', 'core/mmu'] },
  'core/jit': { imports: ['core/base', 'core/bus', 'core/cpu', 'core/mmu', 'core/jit'] },
  'core/devices': { imports: ['core/base', 'core/bus'] },
  'core/hyp': { imports: ['core/base', 'core/bus', 'core/mmu', 'core/cpu', 'core/devices/gic'] },
  'core/storage': { imports: ['core/base'] },
  'core/net': { imports: ['core/base'] },
  'core/machine/devicetree': { imports: ['core/base'] },
  'core/machine/images': { imports: ['core/base'] },
  'core/machine': { imports: CORE },
  'tools/host': { imports: ['core/jit'], packages: [NODE] },
  // It looks into the running system, and changes nothing there.
  'tools/trace': { imports: CORE, packages: [NODE] },
  'tools/gdb': { imports: ['core/machine'] },
  // The protocol knows of no sockets.
  'tools/gdb/server.ts': { imports: ['core/machine'], packages: [NODE] },
  'tools/cli': {
    imports: ['core/machine', 'tools/host', 'tools/trace', 'tools/gdb', 'core/storage'],
    packages: [NODE, 'arg', 'cli-table3', 'fzstd', 'picocolors'],
  },
  // The host's side of semihosting answers in the device's own terms.
  'tools/cli/semihosting-files.ts': { imports: ['core/base', 'core/devices/semihosting.ts'], packages: [NODE] },
  'tools/cli/host-network.ts': { imports: ['core/machine', 'core/net', 'tools/cli'], packages: [NODE] },
  'tools/cli/journal.ts': { imports: ['core/net', 'tools/cli'], packages: [NODE] },
  'tools/cli/shared-folder.ts': { imports: ['core/base', 'core/devices/virtio/file-tree.ts'], packages: [NODE] },
  'tools/bench': { imports: [...CORE, 'tools/cli', 'tools/host'], packages: [NODE, 'arg', 'picocolors'] },
  'tools/browser': { imports: ['core/machine', 'tools/host', 'tools/cli'], packages: [NODE, 'arg', 'esbuild'] },
  'tools/oracle': { imports: [...CORE, 'tools/host'], packages: [NODE, 'arg'] },
  'tools/fetch': { imports: [], packages: [NODE] },
  'tools/gen': { imports: CORE, packages: [NODE, 'ts-morph'] },
  'tools/gen/main.ts': { imports: ['tools/gen', 'tools/cli'], packages: [NODE] },
  'tools/check': { imports: CORE, packages: [NODE, 'ts-morph'] },
  test: { imports: ['core', 'tools', 'vitest.config.ts'], packages: [NODE, 'vitest', 'fast-check', 'ts-morph', 'esbuild'] },
};

/** The devices that stand side by side: none may know another, but all may share these. */
const DEVICES = 'core/devices';
const SHARED_BY_DEVICES = ['core/devices/primecell-id.ts'];

interface Import {
  readonly line: number;
  /** Path in the project, or the package's name. */
  readonly target: string;
  readonly local: boolean;
  /** Leaves no trace in the program. */
  readonly typeOnly: boolean;
}

export function checkLayers(sources: Sources, layers: Readonly<Record<string, Layer>> = LAYERS): Finding[] {
  const imports = new Map([...sources].map(([path, source]) => [path, importsOf(path, source)]));
  const findings = [...imports].flatMap(([path, list]) => {
    const row = rowOf(path, layers);
    if (row === undefined) return [{ file: path, line: 1, problem: 'is in no layer: add its folder to tools/check/layers.ts' }];
    return list.flatMap((one) => judge(path, one, row, layers[row] as Layer));
  });
  return [...findings, ...cycles(imports)];
}

function judge(file: string, { line, target, local }: Import, row: string, layer: Layer): Finding[] {
  const fine = local ? mayImport(file, target, layer) : (layer.packages ?? []).some((name) => isPackage(target, name));
  if (fine) return [];
  const allowed = local ? layer.imports : (layer.packages ?? []);
  return [{ file, line, problem: `imports ${target}; ${row} may import ${allowed.join(', ') || 'nothing'}` }];
}

function mayImport(file: string, target: string, layer: Layer): boolean {
  const [from, to] = [dirname(file), dirname(target)];
  if (from === DEVICES && to === DEVICES) return SHARED_BY_DEVICES.includes(target);
  if (to === from) return true;
  return [...layer.imports, ...ownFolders(from)].some((folder) => target === folder || target.startsWith(`${folder}/`));
}

/** The parts of one thing that has folders of its own may use each other: core/cpu/fp and core/cpu/fp/exact. */
const UNITS = [
  'core/cpu/fp',
  'core/devices/gic',
  'core/net',
  'core/storage',
  'core/machine/devicetree',
  'core/machine',
  'tools/check',
  'tools/gen',
  'test',
];
const ownFolders = (folder: string): string[] =>
  UNITS.filter((unit) => folder === unit || folder.startsWith(`${unit}/`)).slice(0, 1);

const isPackage = (target: string, name: string): boolean =>
  name.endsWith(':') ? target.startsWith(name) : target === name || target.startsWith(`${name}/`);

/** The row of the file itself, or of the nearest folder above it. */
function rowOf(file: string, layers: Readonly<Record<string, Layer>>): string | undefined {
  for (let path = file; path !== '.'; path = dirname(path)) if (path in layers) return path;
  return undefined;
}

/** Static imports and re-exports, `import()` and `import('…')` in types. */
function importsOf(path: string, source: SourceFile): Import[] {
  const entry = (line: number, target: string, typeOnly: boolean): Import => {
    const local = target.startsWith('.');
    return { line, target: local ? normalize(join(dirname(path), target)) : target, local, typeOnly };
  };
  const declared = [...source.getImportDeclarations(), ...source.getExportDeclarations()].flatMap((declaration) => {
    const target = declaration.getModuleSpecifierValue();
    if (target === undefined) return [];
    const named = 'getNamedImports' in declaration ? declaration.getNamedImports() : declaration.getNamedExports();
    const alone = declaration.isTypeOnly() || (named.length > 0 && named.every((one) => one.isTypeOnly()));
    return [entry(declaration.getStartLineNumber(), target, alone)];
  });
  const called = source.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    const target = call.getArguments()[0]?.asKind(SyntaxKind.StringLiteral)?.getLiteralValue();
    const loads = ['import', 'require'].includes(call.getExpression().getText());
    return loads && target !== undefined ? [entry(call.getStartLineNumber(), target, false)] : [];
  });
  const types = source.getDescendantsOfKind(SyntaxKind.ImportType).map((type) => {
    const target = type.getArgument().getText().slice(1, -1);
    return entry(type.getStartLineNumber(), target, true);
  });
  return [...declared, ...called, ...types];
}

/** Files that need each other: each ring once, at the file that comes first. */
function cycles(imports: ReadonlyMap<string, readonly Import[]>): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const ring = [...path.slice(at), file];
      const [first, second] = ring as [string, string];
      const line = imports.get(first)?.find(({ target }) => target === second)?.line ?? 1;
      findings.push({ file: first, line, problem: `needs itself: ${ring.join(' → ')}` });
    }
    if (done.has(file)) return;
    done.add(file);
    path.push(file);
    for (const { target, typeOnly } of imports.get(file) ?? []) if (!typeOnly && imports.has(target)) visit(target);
    path.pop();
  };
  for (const file of [...imports.keys()].sort()) visit(file);
  return findings;
}
