/** One body of the restricted subset, from TypeScript to the TypeScript that writes it as WebAssembly. */
import {
  type Expression,
  type ForStatement,
  type FunctionDeclaration,
  type MethodDeclaration,
  Node,
  type Statement,
} from 'ts-morph';
import { FLAGS, type Kind, kindOfType, Unsupported } from './staged-kinds.ts';
import { StagedValues } from './staged-values.ts';

export class StagedBody extends StagedValues {
  /** How often a name stands in the body, its declaration included. */
  readonly #uses = new Map<string, number>();

  method(name: string, method: MethodDeclaration): string {
    this.#count(method);
    const [, operands] = method.getParameters();
    const pattern = operands?.getNameNode();
    const names = Node.isObjectBindingPattern(pattern) ? pattern.getElements().map((element) => element.getName()) : [];
    this.locals.set('cpu', 'void');
    for (const operand of names) this.locals.set(operand, 'static');
    const body = this.#statements(method.getStatements());
    this.file.import('../emitter.ts', 'type Emitter');
    if (names.length > 0) this.file.import('../../cpu/insn.ts', 'type Field');
    const type = names.length === 0 ? '' : `, { ${names.join(', ')} }: Readonly<Record<'${names.join("' | '")}', Field>>`;
    const needed = names.some((operand) => new RegExp(`\\b${operand}\\b`).test(body));
    const parameters = body.trim() === '' || body.trim() === ';' ? '' : `e: Emitter${needed ? type : ''}`;
    return `export function ${name}(${parameters}): void {\n${parameters === '' ? '' : body}}`;
  }

  function(declaration: FunctionDeclaration): string {
    this.#count(declaration);
    const parameters = declaration.getParameters().map((parameter) => {
      const kind = kindOfType(parameter.getTypeNode()?.getText() ?? '');
      this.locals.set(parameter.getName(), kind);
      return { name: parameter.getName(), kind };
    });
    const values = parameters.filter(({ name }) => name !== 'cpu');
    const kept = values.filter(({ name, kind }) => kind !== 'static' && (this.#uses.get(name) ?? 0) > 2);
    const result = kindOfType(declaration.getReturnTypeNode()?.getText() ?? '');
    const body = this.#statements(declaration.getStatements() as Statement[], result);
    this.file.import('../emitter.ts', 'type Emitter');
    const typed = values.map(({ name, kind }) => `, ${name}: ${this.type(kind)}`);
    const keeps = kept.map(({ name }) => `e.keep(${name});\n`).join('');
    const emitter = /\be\b/.test(keeps + body) ? 'e' : '_';
    return `export function ${declaration.getName()}(${emitter}: Emitter${typed.join('')}): ${this.type(result)} {\n${keeps}${body}}`;
  }

  #count(node: Node): void {
    for (const id of node.getDescendants()) {
      if (!Node.isIdentifier(id)) continue;
      const parent = id.getParent();
      if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === id) continue;
      this.#uses.set(id.getText(), (this.#uses.get(id.getText()) ?? 0) + 1);
    }
  }

  // Statements

  #statements(statements: readonly Node[], result: Kind = 'void'): string {
    return statements.map((statement) => this.#statement(statement as Statement, result)).join('');
  }

  #statement(statement: Statement, result: Kind): string {
    if (Node.isBlock(statement)) return this.#statements(statement.getStatements(), result);
    if (Node.isVariableStatement(statement))
      return statement
        .getDeclarations()
        .map((d) => this.#variable(d.getNameNode(), d.getInitializerOrThrow(), statement.getDeclarationKind()))
        .join('');
    if (Node.isExpressionStatement(statement)) return `${this.#action(statement.getExpression())};\n`;
    if (Node.isReturnStatement(statement)) {
      const value = statement.getExpression();
      return value === undefined ? 'return;\n' : `return ${this.to(this.value(value, result), result)};\n`;
    }
    if (Node.isForStatement(statement)) return this.#for(statement);
    if (Node.isIfStatement(statement)) {
      const condition = this.value(statement.getExpression());
      const then = this.#statement(statement.getThenStatement(), result);
      const other = statement.getElseStatement();
      const otherwise = other === undefined ? undefined : this.#statement(other, result);
      if (condition.kind === 'static')
        return `if (${condition.text}) {\n${then}}${otherwise === undefined ? '' : ` else {\n${otherwise}}`}\n`;
      const second = otherwise === undefined ? '' : `, () => {\n${otherwise}}`;
      return `e.when(${this.to(condition, 'boolean')}, () => {\n${then}}${second});\n`;
    }
    throw new Unsupported(statement.getKindName());
  }

  #for(statement: ForStatement): string {
    const initializer = statement.getInitializerOrThrow();
    if (!Node.isVariableDeclarationList(initializer)) throw new Unsupported('loop');
    for (const declaration of initializer.getDeclarations()) {
      this.locals.set(declaration.getName(), 'static');
      this.value(declaration.getInitializerOrThrow());
    }
    const condition = this.value(statement.getConditionOrThrow()).text;
    const body = this.#statement(statement.getStatement(), 'void');
    return `for (${initializer.getText()}; ${condition}; ${statement.getIncrementorOrThrow().getText()}) {\n${body}}\n`;
  }

  #variable(name: Node, initializer: Expression, keyword: string): string {
    const value = this.value(initializer);
    if (Node.isObjectBindingPattern(name)) {
      const elements = name
        .getElements()
        .map((element) => ({ name: element.getName(), of: element.getPropertyNameNode()?.getText() ?? element.getName() }));
      let text = `const ${name.getText()} = ${value.text};\n`;
      for (const { name: local, of } of elements) {
        const kind = typeof value.kind === 'object' ? (value.kind[of] ?? 'void') : 'static';
        this.locals.set(local, kind);
        if (kind !== 'static' && kind !== 'flag' && (this.#uses.get(local) ?? 0) > 2) text += `e.keep(${local});\n`;
      }
      return text;
    }
    const local = name.getText();
    const kind = value.kind;
    this.locals.set(local, kind);
    if (kind === 'static' || typeof kind === 'object') return `${keyword} ${local} = ${value.text};\n`;
    const again = keyword === 'let' || (this.#uses.get(local) ?? 0) > 2;
    return `${keyword} ${local} = ${again ? `e.keep(${value.text})` : value.text};\n`;
  }

  #action(expression: Expression): string {
    if (Node.isBinaryExpression(expression) && expression.getOperatorToken().getText() === '=')
      return this.#assign(expression.getLeft(), expression.getRight());
    return this.value(expression).text;
  }

  #assign(target: Expression, right: Expression): string {
    const value = this.value(right);
    if (Node.isIdentifier(target)) {
      const kind = this.locals.get(target.getText()) as Kind;
      return `${target.getText()} = ${kind === 'static' ? value.text : `e.keep(${this.to(value, kind)})`}`;
    }
    const { path, index } = this.place(target);
    if (path === 'r[]') return `e.setR(${index}, ${this.to(value, 'word')})`;
    if (path === 'fp.w[]') return `e.setFpWord(${index}, ${this.to(value, 'word')})`;
    if (path === 'loaded[]') return `e.loaded[${index}] = e.keep(${this.to(value, 'word')})`;
    if (FLAGS.has(path)) return `e.flags.set${path}(${this.to(value, 'boolean')})`;
    if (path === 'Q' || path === 'GE') return `e.setScalar(${this.scalar(path)}, ${this.to(value, 'word')})`;
    if (path === 'T') return `e.setThumb(${this.to(value, 'boolean')})`;
    throw new Unsupported(path);
  }
}
