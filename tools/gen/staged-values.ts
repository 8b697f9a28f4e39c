/** Values of the restricted subset, from TypeScript to the TypeScript that makes them as WebAssembly. */
import { type Expression, Node } from 'ts-morph';
import type { StagedFile } from './staged.ts';
import {
  ACCESS,
  BITWISE,
  boolean,
  COMPARE,
  effect,
  FLAGS,
  INTRINSICS,
  type Kind,
  kindOfType,
  Unsupported,
  unify,
  type Val,
  word,
} from './staged-kinds.ts';

export class StagedValues {
  readonly file: StagedFile;
  readonly locals = new Map<string, Kind>();

  constructor(file: StagedFile) {
    this.file = file;
  }

  scalar(name: string): string {
    this.file.import('../../cpu/scalars.ts', `${name} as SCALAR_${name}`);
    return `SCALAR_${name}`;
  }

  /** A place in the processor: its path, and the index where there is one. */
  place(node: Node): { readonly path: string; readonly index: string } {
    if (Node.isElementAccessExpression(node)) {
      const index = this.value(node.getArgumentExpressionOrThrow());
      if (index.kind !== 'static') throw new Unsupported('index');
      const { path } = this.place(node.getExpression());
      return { path: `${path}[]`, index: `${index.text} as Field` };
    }
    if (!Node.isPropertyAccessExpression(node)) throw new Unsupported(node.getText());
    const object = node.getExpression();
    if (object.getText() === 'cpu') return { path: node.getName(), index: '' };
    return { path: `${this.place(object).path}.${node.getName()}`, index: '' };
  }
  type(kind: Kind): string {
    if (kind === 'void') return 'void';
    if (typeof kind === 'object')
      return `{ ${Object.entries(kind)
        .map(([name, of]) => `${name}: ${this.type(of)}`)
        .join('; ')} }`;
    const name = kind === 'static' ? 'Field' : 'Value';
    this.file.import(kind === 'static' ? '../../cpu/insn.ts' : '../value.ts', `type ${name}`);
    return name;
  }

  value(node: Node, want: Kind = 'void'): Val {
    if (Node.isParenthesizedExpression(node)) {
      const { text, kind } = this.value(node.getExpression(), want);
      return { text: kind === 'static' ? `(${text})` : text, kind };
    }
    if (Node.isAsExpression(node) || Node.isNonNullExpression(node)) return this.value(node.getExpression(), want);
    if (Node.isNumericLiteral(node) || Node.isTrueLiteral(node) || Node.isFalseLiteral(node))
      return { text: node.getText(), kind: 'static' };
    if (Node.isIdentifier(node)) return this.#name(node.getText());
    if (Node.isPrefixUnaryExpression(node)) return this.#unary(node.getText()[0] as string, node.getOperand());
    if (Node.isBinaryExpression(node)) return this.#binary(node.getLeft(), node.getOperatorToken().getText(), node.getRight());
    if (Node.isConditionalExpression(node))
      return this.#conditional(node.getCondition(), node.getWhenTrue(), node.getWhenFalse());
    if (Node.isCallExpression(node)) return this.#call(node.getExpression(), node.getArguments() as Expression[]);
    if (Node.isElementAccessExpression(node) || Node.isPropertyAccessExpression(node)) return this.#access(node);
    if (Node.isObjectLiteralExpression(node) && typeof want === 'object') {
      const parts = node.getProperties().map((property) => {
        if (Node.isShorthandPropertyAssignment(property))
          return `${property.getName()}: ${this.to(this.#name(property.getName()), want[property.getName()] as Kind)}`;
        if (!Node.isPropertyAssignment(property)) throw new Unsupported('object');
        return `${property.getName()}: ${this.to(this.value(property.getInitializerOrThrow()), want[property.getName()] as Kind)}`;
      });
      return { text: `{ ${parts.join(', ')} }`, kind: want };
    }
    throw new Unsupported(node.getKindName());
  }

  #name(name: string): Val {
    const kind = this.locals.get(name);
    if (kind !== undefined) return { text: name, kind };
    this.file.constant(name);
    return { text: name, kind: 'static' };
  }

  #unary(operator: string, operand: Expression): Val {
    const value = this.value(operand);
    if (value.kind === 'static') return { text: `${operator}${value.text}`, kind: 'static' };
    if (operator === '!') return boolean(`${this.#op('not')}(${this.to(value, 'boolean')})`);
    if (operator === '~') return word(`${this.#op('xor')}(${this.to(value, 'word')}, ${this.#op('constant')}(-1))`);
    if (operator === '-')
      return { text: `${this.#op('sub64')}(${this.#op('wide')}(0), ${this.to(value, 'number')})`, kind: 'number' };
    throw new Unsupported(operator);
  }

  #op(name: string): string {
    this.file.import('../ops.ts', name);
    return name;
  }

  #binary(left: Expression, operator: string, right: Expression): Val {
    const [a, b] = [this.value(left), this.value(right)];
    if (a.kind === 'static' && b.kind === 'static') return { text: `${a.text} ${operator} ${b.text}`, kind: 'static' };
    if (operator === '&&' || operator === '||') return this.#both(a, operator, b);
    const bitwise = BITWISE[operator];
    if (bitwise !== undefined) {
      const text = `${this.#op(bitwise)}(${this.to(a, 'word')}, ${this.to(b, 'word')})`;
      return { text, kind: operator === '>>>' ? 'uint' : 'word' };
    }
    if (operator === '+' || operator === '-') {
      const op = this.#op(operator === '+' ? 'add64' : 'sub64');
      return { text: `${op}(${this.to(a, 'number')}, ${this.to(b, 'number')})`, kind: 'number' };
    }
    const compare = COMPARE[operator];
    if (compare === undefined) throw new Unsupported(operator);
    return boolean(this.#compare(compare, a, b));
  }

  #compare(compare: string, a: Val, b: Val): string {
    const equality = compare === 'eq' || compare === 'ne';
    const kinds = [a.kind, b.kind].filter((kind) => kind !== 'static');
    const narrow =
      kinds.every((kind) => kind === 'word' || kind === 'boolean') || (equality && kinds.length === 1 && kinds[0] === 'word');
    if (narrow) return `${this.#op(equality ? compare : `${compare}S`)}(${this.to(a, 'word')}, ${this.to(b, 'word')})`;
    if (kinds.length === 2 && kinds.every((kind) => kind === 'uint'))
      return `${this.#op(equality ? compare : `${compare}U`)}(${this.to(a, 'word')}, ${this.to(b, 'word')})`;
    return `${this.#op(`${compare}64`)}(${this.to(a, 'number')}, ${this.to(b, 'number')})`;
  }

  #both(a: Val, operator: string, b: Val): Val {
    const op = operator === '&&' ? 'and' : 'or';
    if (a.kind === 'static') {
      const [yes, no] = [this.to(b, 'boolean'), `${this.#op('constant')}(${operator === '&&' ? 0 : 1})`];
      return boolean(operator === '&&' ? `(${a.text} ? ${yes} : ${no})` : `(${a.text} ? ${no} : ${yes})`);
    }
    return boolean(`${this.#op(op)}(${this.to(a, 'boolean')}, ${this.to(b, 'boolean')})`);
  }

  #conditional(condition: Expression, yes: Expression, no: Expression): Val {
    const when = this.value(condition);
    const [a, b] = [this.value(yes), this.value(no)];
    const bothStatic = a.kind === 'static' && b.kind === 'static';
    if (when.kind === 'static' && bothStatic) return { text: `(${when.text} ? ${a.text} : ${b.text})`, kind: 'static' };
    const kind = bothStatic ? 'word' : unify(a.kind, b.kind);
    if (when.kind === 'static') return { text: `(${when.text} ? ${this.to(a, kind)} : ${this.to(b, kind)})`, kind };
    return { text: `${this.#op('select')}(${this.to(when, 'boolean')}, ${this.to(a, kind)}, ${this.to(b, kind)})`, kind };
  }

  #access(node: Expression): Val {
    if (Node.isPropertyAccessExpression(node) && node.getExpression().getText() !== 'cpu') {
      const object = node.getExpression();
      if (Node.isIdentifier(object) || Node.isCallExpression(object)) {
        const value = this.value(object);
        if (typeof value.kind === 'object')
          return { text: `${value.text}.${node.getName()}`, kind: value.kind[node.getName()] as Kind };
        if (value.kind === 'static') return { text: `${value.text}.${node.getName()}`, kind: 'static' };
      }
    }
    const { path, index } = this.place(node);
    if (path === 'r[]') return word(`e.r(${index})`);
    if (path === 'fp.w[]') return word(`e.fpWord(${index})`);
    if (path === 'loaded[]') return word(`(e.loaded[${index}] as Value)`.replace('Value', this.type('word')));
    if (FLAGS.has(path)) return boolean(`e.flags.${path}()`);
    if (path === 'Q' || path === 'GE') return { text: `e.scalar(${this.scalar(path)})`, kind: path === 'Q' ? 'boolean' : 'word' };
    if (path === 'T') return { text: 'e.place.thumb', kind: 'static' };
    // Only little-endian code is translated.
    if (path === 'E') return { text: 'false', kind: 'static' };
    throw new Unsupported(path);
  }

  #call(callee: Expression, args: readonly Expression[]): Val {
    if (Node.isPropertyAccessExpression(callee)) return this.#method(this.place(callee).path, args);
    const name = callee.getText();
    const original = this.#original(name);
    const [first] = args;
    if (original === 'field' && first !== undefined) {
      const value = this.value(first);
      if (value.kind !== 'static') throw new Unsupported('field of a run-time value');
      this.file.constant(name);
      return { text: `${name}(${value.text})`, kind: 'static' };
    }
    if (original === 'word' && first !== undefined) return word(this.#truncate(first));
    if (original === 'UInt' && first !== undefined) return { text: this.to(this.value(first), 'word'), kind: 'uint' };
    if (INTRINSICS.has(original))
      return word(`${this.#op(original)}(e, ${args.map((arg) => this.to(this.value(arg), 'word')).join(', ')})`);
    return this.#shared(name, args);
  }

  /** The low 32 bits, without going through 64 where additions allow it. */
  #truncate(node: Expression): string {
    if (Node.isParenthesizedExpression(node)) return this.#truncate(node.getExpression());
    if (Node.isBinaryExpression(node)) {
      const operator = node.getOperatorToken().getText();
      if (operator === '+' || operator === '-') {
        if (this.value(node).kind === 'static') return `${this.#op('constant')}(${node.getText()})`;
        return `${this.#op(operator === '+' ? 'add' : 'sub')}(${this.#truncate(node.getLeft())}, ${this.#truncate(node.getRight())})`;
      }
    }
    return this.to(this.value(node), 'word');
  }

  #original(name: string): string {
    for (const declaration of this.file.source.getImportDeclarations())
      for (const named of declaration.getNamedImports()) if (named.getAliasNode()?.getText() === name) return named.getName();
    return name;
  }

  #method(path: string, args: readonly Expression[]): Val {
    const values = args.map((arg) => this.value(arg));
    const [a, b] = values;
    if (path === 'branch' && a !== undefined) return effect(`e.branch(${this.to(a, 'word')})`);
    if (path === 'setNZ' && a !== undefined) return effect(`e.flags.setNZ(${this.to(a, 'word')})`);
    if (path === 'undefined' || path === 'unpredictable') return effect('e.interpret()');
    // Within a region it is known at decoding which instructions are conditional.
    // Nor is there anything that a barrier waits for.
    if (path === 'startIT' || path === 'sys.instructionBarrier') return effect('');
    if (path === 'sys.checkVfpEnabled') return effect('e.checkVfp()');
    const access = path.startsWith('mem.') ? ACCESS.exec(path.slice(4)) : null;
    if (access === null || a === undefined) throw new Unsupported(path);
    if (access[1] === 'read') return word(`e.load(${access[2]}, ${this.to(a, 'word')})`);
    return effect(`e.store(${access[2]}, ${this.to(a, 'word')}, ${this.to(b as Val, 'word')})`);
  }

  #shared(name: string, args: readonly Expression[]): Val {
    if (['setNZ', 'setNZC', 'setNZCV'].includes(name)) {
      const kinds: readonly Kind[] = ['word', name === 'setNZC' ? 'boolean' : 'flag', 'flag'];
      return effect(
        `e.flags.${name}(${args
          .slice(1)
          .map((arg, i) => this.to(this.value(arg), kinds[i] as Kind))
          .join(', ')})`,
      );
    }
    if (name === 'addWithCarry') {
      const [x, y, carry] = args.map((arg) => this.value(arg)) as [Val, Val, Val];
      const text = `e.flags.addWithCarry(${this.to(x, 'word')}, ${this.to(y, 'word')}, ${this.to(carry, 'boolean')})`;
      return { text, kind: { result: 'word', carry: 'flag', overflow: 'flag' } };
    }
    const found = this.file.find(name);
    const values = args.map((arg) => (arg.getText() === 'cpu' ? { text: 'e', kind: 'void' as const } : this.value(arg)));
    if (found === undefined) {
      // An arrow function, or one from elsewhere: of fields only.
      if (values.some(({ kind }) => kind !== 'static')) throw new Unsupported(name);
      this.file.constant(name);
      return { text: `${name}(${values.map(({ text }) => text).join(', ')})`, kind: 'static' };
    }
    const { file, declaration } = found;
    const kinds = declaration.getParameters().map((parameter) => kindOfType(parameter.getTypeNode()?.getText() ?? ''));
    const result = kindOfType(declaration.getReturnTypeNode()?.getText() ?? '');
    const isStatic =
      kinds.every((kind) => kind === 'static') && !/word|boolean/.test(declaration.getReturnTypeNode()?.getText() ?? '');
    if (isStatic) {
      this.file.constant(name);
      return { text: `${name}(${values.map(({ text }) => text).join(', ')})`, kind: result };
    }
    file.function(declaration);
    if (file !== this.file)
      this.file.import(`./${file.name}`, name === declaration.getName() ? name : `${declaration.getName()} as ${name}`);
    const passed = values.map((value, i) => this.to(value, kinds[i] as Kind)).filter((text) => text !== 'e');
    return { text: `${name}(${['e', ...passed].join(', ')})`, kind: result };
  }

  /** A value as one of another kind. */
  to({ text, kind }: Val, want: Kind): string {
    if (want === kind || typeof want === 'object' || want === 'void') return text;
    if (want === 'static') throw new Unsupported('a run-time value where a field is needed');
    if (kind === 'static') {
      if (want === 'number') return `${this.#op('wide')}(Number(${text}))`;
      return `${this.#op('constant')}(Number(${text}))`;
    }
    if (kind === 'flag') return this.to({ text: `${text}.value()`, kind: 'boolean' }, want);
    if (want === 'number') return `${this.#op(kind === 'word' ? 'extendSigned' : 'extendUnsigned')}(${text})`;
    if (kind === 'number') return `${this.#op('wrap')}(${text})`;
    if (want === 'flag') throw new Unsupported('a flag of another origin');
    return text;
  }
}
