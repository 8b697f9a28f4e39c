/**
 * The restricted subset of TypeScript in which instructions are written (core/cpu/insn.ts says why), checked by binding times: what is known
 * when an instruction is decoded is static, the rest dynamic. Checked are all `execute` bodies of core/cpu/isa and what they share.
 */
import { join } from 'node:path/posix';
import { type FunctionDeclaration, Node, type SourceFile, SyntaxKind } from 'ts-morph';
import type { Finding } from './finding.ts';
import type { Sources } from './sources.ts';
import { Body } from './subset-body.ts';
import { EFFECT, RULES, type Rule } from './subset-effects.ts';

const ISA = /^core\/cpu\/isa\/[^/]+\.ts$/;
const ALU = 'core/cpu/alu.ts';
/** Functions of these files are the language itself, or arithmetic that the translator has as operations. */
const PURE = ['core/cpu/insn.ts', 'core/cpu/intrinsics.ts'];
/** Floating-point operations and those on vectors, by register number: they change floating-point state. */
const FLOATING = /^core\/cpu\/(fp|simd)(\.ts|\/)/;

/** How a call of a function counts. `static`: a function of fields, which runs when the instruction is decoded. */
export type Callee = { readonly kind: 'shared'; readonly effects: number } | { readonly kind: 'static' } | undefined;

export function checkSubset(sources: Sources): Finding[] {
  const checker = new Checker(sources);
  for (const [path, source] of sources) {
    if (ISA.test(path)) checker.instructions(path, source);
    if (path === ALU) for (const declaration of source.getFunctions()) checker.shared(path, declaration);
  }
  return checker.findings;
}

export class Checker {
  readonly findings: Finding[] = [];
  readonly #sources: Sources;
  readonly #known = new Map<FunctionDeclaration, Callee>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  report(file: string, node: Node, rule: Rule): void {
    const line = node.getStartLineNumber();
    const problem = `subset: ${RULES[rule]}`;
    if (!this.findings.some((known) => known.file === file && known.line === line && known.problem === problem))
      this.findings.push({ file, line, problem });
  }

  instructions(path: string, source: SourceFile): void {
    for (const method of source.getDescendantsOfKind(SyntaxKind.MethodDeclaration)) {
      const call = method.getParent()?.getParent();
      if (method.getName() !== 'execute' || !Node.isCallExpression(call) || call.getExpression().getText() !== 'instruction')
        continue;
      const body = new Body(this, path, source);
      const [cpu, operands] = method.getParameters();
      if (cpu !== undefined) body.define(cpu.getName(), 'cpu');
      const pattern = operands?.getNameNode();
      if (Node.isObjectBindingPattern(pattern))
        for (const element of pattern.getElements()) body.define(element.getName(), 'static');
      else if (operands !== undefined) this.report(path, operands, 'expression');
      body.run(method.getStatements());
    }
  }

  /** What a name that is called stands for, seen from a file. */
  callee(path: string, source: SourceFile, name: string): Callee {
    const local = source.getFunction(name);
    if (local !== undefined) return this.shared(path, local);
    if (source.getVariableDeclaration(name) !== undefined) return { kind: 'static' };
    const from = source
      .getImportDeclarations()
      .find((declaration) => declaration.getNamedImports().some((n) => (n.getAliasNode()?.getText() ?? n.getName()) === name));
    if (from === undefined) return undefined;
    const target = join(path, '..', from.getModuleSpecifierValue());
    if (PURE.includes(target)) return { kind: 'shared', effects: EFFECT.none };
    if (FLOATING.test(target)) return { kind: 'shared', effects: EFFECT.state };
    const there = this.#sources.get(target);
    const original =
      from
        .getNamedImports()
        .find((n) => (n.getAliasNode()?.getText() ?? n.getName()) === name)
        ?.getName() ?? name;
    if (there === undefined || !(ISA.test(target) || target === ALU)) return undefined;
    return this.callee(target, there, original);
  }

  /** Checks a function that instructions share, once, and sums up its effects. */
  shared(path: string, declaration: FunctionDeclaration): Callee {
    const known = this.#known.get(declaration);
    if (known !== undefined) return known;
    const parameters = declaration.getParameters().map((parameter) => ({
      name: parameter.getName(),
      type: parameter.getTypeNode()?.getText(),
    }));
    if (parameters.every(({ type }) => type === 'Field' || type === 'number') && !/word|boolean/.test(resultOf(declaration))) {
      this.#known.set(declaration, { kind: 'static' });
      return { kind: 'static' };
    }
    this.#known.set(declaration, { kind: 'shared', effects: EFFECT.none });
    const body = new Body(this, path, declaration.getSourceFile());
    for (const { name, type } of parameters) {
      if (type === undefined || !/^(Cpu|Field|word|uint|u64|number|boolean)$/.test(type))
        this.report(path, declaration, 'signature');
      body.define(name, type === 'Cpu' ? 'cpu' : type === 'Field' ? 'static' : 'dynamic');
    }
    if (resultOf(declaration) === '') this.report(path, declaration, 'signature');
    body.run(declaration.getStatements());
    const callee = { kind: 'shared', effects: body.effects } as const;
    this.#known.set(declaration, callee);
    return callee;
  }
}

const resultOf = (declaration: FunctionDeclaration): string => declaration.getReturnTypeNode()?.getText() ?? '';
