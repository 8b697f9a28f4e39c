/** One body of the restricted subset: walks it in the order of evaluation, with the binding time of each value and the effects so far. */
import {
  type Expression,
  type ForStatement,
  type IfStatement,
  Node,
  type SourceFile,
  type Statement,
  type VariableStatement,
} from 'ts-morph';
import type { Checker } from './subset.ts';
import { EFFECT, effectOfAssignment, effectOfMethod, type Rule } from './subset-effects.ts';

/** When a value is known: at decoding or at run time; `cpu` is the processor itself. */
type Time = 'static' | 'dynamic' | 'cpu';

interface Local {
  readonly time: Time;
  /** How many run-time conditions surround its declaration. */
  readonly depth: number;
}

/** Operators whose results words have; others are for fields only. */
const WORD_OPERATORS = new Set(['+', '-', '&', '|', '^', '<<', '>>', '>>>', '===', '!==', '<', '<=', '>', '>=']);

export class Body {
  /** All effects met so far; at the end, those of the body. */
  effects = 0;
  readonly #checker: Checker;
  readonly #path: string;
  readonly #source: SourceFile;
  readonly #locals = new Map<string, Local>();
  /** Run-time conditions around the current statement. */
  #depth = 0;
  /** Within a choice of values, both sides of which are evaluated: effects are not allowed. */
  #choosing = 0;

  constructor(checker: Checker, path: string, source: SourceFile) {
    this.#checker = checker;
    this.#path = path;
    this.#source = source;
  }

  define(name: string, time: Time): void {
    this.#locals.set(name, { time, depth: this.#depth });
  }

  /** Checks statements; true if they end the body. */
  run(statements: readonly Node[]): boolean {
    let ended = false;
    for (const statement of statements) ended = this.#statement(statement as Statement) || ended;
    return ended;
  }

  #report(node: Node, rule: Rule): void {
    this.#checker.report(this.#path, node, rule);
  }

  #effect(node: Node, effect: number): void {
    if (effect === EFFECT.none) return;
    if (this.#choosing > 0) this.#report(node, 'hidden');
    if ((this.effects & EFFECT.last) !== 0) this.#report(node, 'last');
    else if ((effect & EFFECT.mayRaise) !== 0 && (this.effects & EFFECT.state) !== 0) this.#report(node, 'order');
    this.effects |= effect;
  }

  #statement(statement: Statement): boolean {
    if (Node.isBlock(statement)) return this.run(statement.getStatements());
    if (Node.isVariableStatement(statement)) this.#variables(statement);
    else if (Node.isExpressionStatement(statement)) this.#action(statement.getExpression());
    else if (Node.isIfStatement(statement)) return this.#if(statement);
    else if (Node.isForStatement(statement)) this.#for(statement);
    else if (Node.isReturnStatement(statement)) {
      const value = statement.getExpression();
      if (value !== undefined) this.#value(value);
      if (this.#depth > 0) this.#report(statement, 'return');
      return true;
    } else this.#report(statement, /While|Do|ForOf|ForIn/.test(statement.getKindName()) ? 'loop' : 'statement');
    return false;
  }

  #variables(statement: VariableStatement): void {
    for (const declaration of statement.getDeclarations()) {
      const initializer = declaration.getInitializer();
      if (initializer === undefined) this.#report(declaration, 'statement');
      const time = initializer === undefined ? 'dynamic' : this.#value(initializer);
      const name = declaration.getNameNode();
      if (Node.isObjectBindingPattern(name)) for (const element of name.getElements()) this.define(element.getName(), time);
      else this.define(name.getText(), time);
    }
  }

  /** Both sides start from the effects before; what follows has those of either. A side that ends the body counts for nothing after it. */
  #if(statement: IfStatement): boolean {
    const dynamic = this.#value(statement.getExpression()) === 'dynamic';
    const before = this.effects;
    let after = 0;
    if (dynamic) this.#depth++;
    const thenEnds = this.#statement(statement.getThenStatement());
    if (!thenEnds) after |= this.effects;
    const all = this.effects;
    this.effects = before;
    const other = statement.getElseStatement();
    const elseEnds = other !== undefined && this.#statement(other);
    if (!elseEnds) after |= this.effects;
    if (dynamic) this.#depth--;
    this.effects = thenEnds && elseEnds ? all | this.effects : after;
    return thenEnds && elseEnds;
  }

  #for(statement: ForStatement): void {
    const initializer = statement.getInitializer();
    const [condition, step] = [statement.getCondition(), statement.getIncrementor()];
    if (!Node.isVariableDeclarationList(initializer) || condition === undefined || step === undefined) {
      this.#report(statement, 'loop');
      return;
    }
    for (const declaration of initializer.getDeclarations()) {
      const time = this.#value(declaration.getInitializerOrThrow());
      if (time !== 'static') this.#report(declaration, 'loop');
      this.define(declaration.getName(), 'static');
    }
    if (this.#value(condition) !== 'static') this.#report(condition, 'loop');
    this.#action(step);
    this.#statement(statement.getStatement());
  }

  /** An expression that stands as a statement: an assignment, a step, a call. */
  #action(expression: Expression): void {
    if (Node.isBinaryExpression(expression) && /=$/.test(expression.getOperatorToken().getText())) {
      this.#assign(expression.getLeft(), expression.getOperatorToken().getText(), expression.getRight());
    } else if (Node.isPostfixUnaryExpression(expression) || Node.isCallExpression(expression)) this.#value(expression);
    else this.#report(expression, 'expression');
  }

  #assign(target: Expression, operator: string, right: Expression): void {
    const time = this.#value(right);
    if (Node.isIdentifier(target)) {
      const local = this.#locals.get(target.getText());
      if (local === undefined) this.#report(target, 'assignment');
      else if (operator !== '=' && (local.time !== 'static' || time !== 'static')) this.#report(target, 'compound');
      else if (local.depth < this.#depth) this.#report(target, 'outer');
      else if (local.time === 'static' && time !== 'static') this.#report(target, 'field');
      return;
    }
    const path = this.#place(target);
    const effect = path === undefined ? undefined : effectOfAssignment(path);
    if (effect === undefined) this.#report(target, 'assignment');
    else {
      if (operator !== '=') this.#report(target, 'compound');
      this.#effect(target, effect);
    }
  }

  /** `cpu.fp.w[2 * d]` as `fp.w[]`; undefined if it does not start at the processor. Register numbers are checked on the way. */
  #place(node: Expression): string | undefined {
    if (Node.isElementAccessExpression(node)) {
      const object = this.#place(node.getExpression());
      const index = node.getArgumentExpressionOrThrow();
      if (this.#value(index) !== 'static') this.#report(index, 'register');
      return object === undefined ? undefined : `${object}[]`;
    }
    if (!Node.isPropertyAccessExpression(node)) return undefined;
    const object = node.getExpression();
    if (Node.isIdentifier(object) && this.#locals.get(object.getText())?.time === 'cpu') return node.getName();
    const path = this.#place(object);
    return path === undefined ? undefined : `${path}.${node.getName()}`;
  }

  /** The binding time of an expression; its parts are checked in the order of evaluation. */
  #value(node: Node): Time {
    if (Node.isParenthesizedExpression(node) || Node.isAsExpression(node)) return this.#value(node.getExpression());
    if (Node.isNumericLiteral(node) || Node.isTrueLiteral(node) || Node.isFalseLiteral(node)) return 'static';
    if (Node.isIdentifier(node)) return this.#name(node.getText(), node);
    if (Node.isPrefixUnaryExpression(node)) return this.#value(node.getOperand());
    if (Node.isPostfixUnaryExpression(node)) {
      const time = this.#value(node.getOperand());
      if (time !== 'static') this.#report(node, 'compound');
      return time;
    }
    if (Node.isBinaryExpression(node))
      return this.#binary(node.getLeft(), node.getOperatorToken().getText(), node.getRight(), node);
    if (Node.isConditionalExpression(node)) {
      const condition = this.#value(node.getCondition());
      return this.#chosen(condition, [node.getWhenTrue(), node.getWhenFalse()]);
    }
    if (Node.isElementAccessExpression(node) || Node.isPropertyAccessExpression(node)) return this.#access(node);
    if (Node.isCallExpression(node)) return this.#call(node.getExpression(), node.getArguments(), node);
    if (Node.isObjectLiteralExpression(node)) {
      const values = node.getProperties().map((property) => {
        if (Node.isPropertyAssignment(property)) return this.#value(property.getInitializerOrThrow());
        if (Node.isShorthandPropertyAssignment(property)) return this.#name(property.getName(), property);
        this.#report(property, 'expression');
        return 'dynamic';
      });
      return latest(values);
    }
    this.#report(node, 'expression');
    return 'dynamic';
  }

  #name(name: string, node: Node): Time {
    const local = this.#locals.get(name);
    if (local !== undefined) return local.time;
    if (!this.#isConstant(name)) this.#report(node, 'name');
    return 'static';
  }

  /** A constant of the module, or an imported one, which by the rules of the house is a constant too. */
  #isConstant(name: string): boolean {
    const statement = this.#source.getVariableDeclaration(name)?.getVariableStatement();
    if (statement !== undefined) return statement.getDeclarationKind().toString() === 'const';
    return this.#source
      .getImportDeclarations()
      .some((declaration) => declaration.getNamedImports().some((n) => n.getName() === name));
  }

  #access(node: Expression): Time {
    const path = this.#place(node);
    if (path !== undefined) return 'dynamic';
    if (Node.isPropertyAccessExpression(node)) return this.#value(node.getExpression());
    this.#report(node, 'expression');
    return 'dynamic';
  }

  #binary(left: Expression, operator: string, right: Expression, node: Node): Time {
    const first = this.#value(left);
    if (operator === '&&' || operator === '||') return this.#chosen(first, [right]);
    const time = latest([first, this.#value(right)]);
    if (/^[^=!<>]?=$|^(<<|>>>?|\*\*|&&|\|\||\?\?)=$/.test(operator)) this.#report(node, 'expression');
    else if (time === 'dynamic' && !WORD_OPERATORS.has(operator)) this.#report(node, 'operator');
    return time;
  }

  /** Values of which a condition takes one. At run time all are evaluated. */
  #chosen(condition: Time, values: readonly Expression[]): Time {
    if (condition === 'dynamic') this.#choosing++;
    const times = values.map((value) => this.#value(value));
    if (condition === 'dynamic') this.#choosing--;
    return latest([condition, ...times]);
  }

  #call(callee: Expression, args: readonly Node[], node: Node): Time {
    const times = args.map((arg) => this.#value(arg));
    const path = this.#place(callee);
    if (path !== undefined) {
      const effect = effectOfMethod(path);
      if (effect === undefined) this.#report(node, 'callOut');
      else this.#effect(node, effect);
      return 'dynamic';
    }
    const found = Node.isIdentifier(callee) ? this.#checker.callee(this.#path, this.#source, callee.getText()) : undefined;
    if (found === undefined) this.#report(node, 'callOut');
    else if (found.kind === 'shared') this.#effect(node, found.effects);
    if (callee.getText() === 'field') {
      if (times[0] !== 'static') this.#report(node, 'field');
      return 'static';
    }
    if (found?.kind !== 'static') return 'dynamic';
    if (latest(times) !== 'static') this.#report(node, 'field');
    return 'static';
  }
}

const latest = (times: readonly Time[]): Time => (times.every((time) => time === 'static') ? 'static' : 'dynamic');
