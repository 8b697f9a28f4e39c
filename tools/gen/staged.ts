/**
 * The translator's staged instructions, from the text of the definitions. What is known at decoding stays as it stands and runs when a region
 * is translated; what is known at run time becomes calls that write WebAssembly. The subset that definitions keep to (tools/check/subset.ts)
 * is what makes this possible without a second description of any instruction.
 */
import { basename, join } from 'node:path';
import { type FunctionDeclaration, Node, Project, type SourceFile, SyntaxKind } from 'ts-morph';
import { StagedBody } from './staged-body.ts';
import { Unsupported } from './staged-kinds.ts';

const ISA = 'core/cpu/isa';
const ALU = 'core/cpu/alu.ts';
const OUT = 'core/jit/staged';
/** Code in ThumbEE state is interpreted. */
const THUMB_EE = 'thumb-ee.ts';

/** Of the shared pseudocode, what the translator has as operations of its own. */
const OWN = new Set(['addWithCarry', 'setNZ', 'setNZC', 'setNZCV', 'conditionPassed']);

/** A file of definitions on its way to its staged form. */
export class StagedFile {
  readonly source: SourceFile;
  readonly name: string;
  readonly functions = new Map<string, string>();
  readonly instructions = new Map<string, string>();
  /** Constants and functions of fields that are copied, because the source does not export them. */
  readonly copied = new Map<string, string>();
  readonly imports = new Map<string, Set<string>>();
  readonly #files: ReadonlyMap<string, StagedFile>;
  readonly #failed = new Set<string>();

  constructor(source: SourceFile, files: ReadonlyMap<string, StagedFile>) {
    this.source = source;
    this.name = basename(source.getFilePath());
    this.#files = files;
  }

  import(from: string, name: string): void {
    const names = this.imports.get(from) ?? new Set();
    this.imports.set(from, names.add(name));
  }

  /** The declaration of a function by the name it has in this file, with the file that it stands in. */
  find(name: string): { readonly file: StagedFile; readonly declaration: FunctionDeclaration } | undefined {
    const local = this.source.getFunction(name);
    if (local !== undefined) return { file: this, declaration: local };
    for (const declaration of this.source.getImportDeclarations()) {
      const found = declaration.getNamedImports().find((n) => (n.getAliasNode()?.getText() ?? n.getName()) === name);
      const target = this.#files.get(basename(declaration.getModuleSpecifierValue()));
      const there = found === undefined ? undefined : target?.source.getFunction(found.getName());
      if (there !== undefined && target !== undefined) return { file: target, declaration: there };
    }
    return undefined;
  }

  /** Stages a shared function, once. Throws if it is beyond what the translator can write. */
  function(declaration: FunctionDeclaration): void {
    const name = declaration.getName() as string;
    if (OWN.has(name) || this.functions.has(name)) return;
    if (this.#failed.has(name)) throw new Unsupported(`${name} is not staged`);
    this.functions.set(name, '');
    try {
      this.functions.set(name, new StagedBody(this).function(declaration));
    } catch (error) {
      this.functions.delete(name);
      this.#failed.add(name);
      throw error;
    }
  }

  /** A name of the module that is known at decoding: imported if it can be, else copied with what it needs. */
  constant(name: string): void {
    const statement = this.source.getVariableStatement((s) => s.getDeclarations().some((d) => d.getName() === name));
    const local = statement ?? this.source.getFunction(name);
    if (local === undefined) {
      for (const declaration of this.source.getImportDeclarations()) {
        if (declaration.getNamedImports().some((n) => (n.getAliasNode()?.getText() ?? n.getName()) === name)) {
          const original = declaration.getNamedImports().find((n) => (n.getAliasNode()?.getText() ?? n.getName()) === name);
          const alias = original?.getAliasNode() === undefined ? name : `${original.getName()} as ${name}`;
          const from = join('../../cpu/isa', declaration.getModuleSpecifierValue());
          this.import(this.name === basename(ALU) ? join('../../cpu', declaration.getModuleSpecifierValue()) : from, alias);
        }
      }
      return;
    }
    if (this.copied.has(name)) return;
    if (local.isExported()) {
      this.import(this.name === basename(ALU) ? '../../cpu/alu.ts' : `../../cpu/isa/${this.name}`, name);
      return;
    }
    this.copied.set(name, '');
    for (const id of local.getDescendantsOfKind(SyntaxKind.Identifier)) {
      const parent = id.getParent();
      if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === id) continue;
      if (Node.isTypeReference(parent) || Node.isPropertyAssignment(parent)) continue;
      if (id.getText() !== name) this.constant(id.getText());
    }
    this.copied.set(name, local.getText());
  }

  stage(): void {
    for (const declaration of this.source.getVariableDeclarations()) {
      const call = declaration.getInitializer();
      if (!Node.isCallExpression(call) || call.getExpression().getText() !== 'instruction') continue;
      const method = call
        .getDescendantsOfKind(SyntaxKind.MethodDeclaration)
        .find((m) => m.getName() === 'execute' && m.getParent() === call.getArguments()[0]);
      if (method === undefined) continue;
      try {
        this.instructions.set(declaration.getName(), new StagedBody(this).method(declaration.getName(), method));
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
      }
    }
  }

  text(): string {
    const parts = [...this.copied.values(), ...this.functions.values(), ...this.instructions.values()].map(indent);
    const body = parts.join('\n');
    const isUsed = (name: string) => new RegExp(`\\b${name.split(' ').at(-1)}\\b`).test(body);
    const imports = [...this.imports].map(([from, names]) => [from, [...names].filter(isUsed).sort()] as const);
    const lines = imports
      .filter(([, names]) => names.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([from, names]) => `import { ${names.join(', ')} } from '${from}';`);
    return `/** Generated by tools/gen/staged.ts from core/cpu/${this.name === 'alu.ts' ? '' : 'isa/'}${this.name}. Do not edit. */\n${lines.join('\n')}\n\n${parts.join('\n\n')}\n`;
  }
}

/** Indents by the braces that are open. */
function indent(text: string): string {
  let depth = 0;
  const lines = text.split('\n').map((line) => {
    const bare = line.trim();
    if (/^[})]/.test(bare)) depth--;
    const result = '  '.repeat(depth) + bare;
    if (/[{(]$/.test(bare)) depth++;
    return result;
  });
  return lines.filter((line) => line !== '').join('\n');
}

/** The staged files, by path. */
export function stagedFiles(): Record<string, string> {
  const project = new Project({ skipAddingFilesFromTsConfig: true, skipFileDependencyResolution: true });
  const sources = [ALU, `${ISA}/*.ts`].flatMap((glob) => project.addSourceFilesAtPaths(glob));
  const files = new Map<string, StagedFile>();
  for (const source of sources) {
    if (source.getBaseName() !== THUMB_EE) files.set(source.getBaseName(), new StagedFile(source, files));
  }
  for (const file of files.values()) file.stage();
  const used = [...files.values()].filter(({ functions, instructions }) => functions.size + instructions.size > 0);
  const result: Record<string, string> = {};
  for (const file of used) result[`${OUT}/${file.name}`] = file.text();
  result[`${OUT}/all.ts`] = allText(used.filter(({ instructions }) => instructions.size > 0));
  return result;
}

function allText(files: readonly StagedFile[]): string {
  const groups = files.map(({ name }) => name.replace('.ts', '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()));
  const imports = files.map(({ name }, i) => `import * as ${groups[i]} from './${name}';`);
  const rows = files.flatMap(({ instructions }, i) => [...instructions.keys()].map((name) => `  ${name}: ${groups[i]}.${name},`));
  return [
    '/** Generated by tools/gen/staged.ts. Do not edit. */',
    "import type { Staged } from '../translate.ts';",
    ...imports,
    '',
    '/** The instructions that the translator writes as their definitions say. */',
    'export const STAGED: Readonly<Record<string, Staged>> = {',
    ...rows,
    '} as never;',
    '',
  ].join('\n');
}
