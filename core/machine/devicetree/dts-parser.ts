/**
 * Reads device-tree sources into a tree.
 * Reference: Devicetree Specification v0.4, chapter 6, with the additions of dtc 1.6.
 */

import { MAX_DEPTH } from './dtb-layout.ts';
import { DtsLexer, type DtsToken } from './dts-lexer.ts';
import { type Files, Preprocessor } from './dts-preprocessor.ts';
import { resolve } from './dts-resolve.ts';
import { type Labels, SourceNode, SourceTree } from './dts-source-tree.ts';
import { TokenReader, ValueReader } from './dts-values.ts';
import type { Origin } from './error.ts';
import { checkName, checkPropertyName } from './names.ts';
import { DeviceTree, type Reservation } from './tree.ts';

/** Reads a source and all that it includes. Any fault in them is a DeviceTreeError. */
export function parseDts(file: string, files: Files): DeviceTree {
  const preprocessor = new Preprocessor(files);
  const { text, source } = preprocessor.process(file);
  const tokens = new TokenReader(new DtsLexer(text, source));
  const values = new ValueReader(tokens, (name, origin) => preprocessor.find(name, origin, true).bytes);
  const parser = new Parser(tokens, values);
  return parser.parse();
}

class Parser {
  readonly #tokens: TokenReader;
  readonly #values: ValueReader;
  readonly #tree = new SourceTree();
  #depth = 0;

  constructor(tokens: TokenReader, values: ValueReader) {
    this.#tokens = tokens;
    this.#values = values;
  }

  parse(): DeviceTree {
    this.#version();
    const reservations = this.#reservations();
    const start = this.#origin(this.#tokens.lexer.peek());
    while (!this.#tokens.at('end')) {
      this.#tokens.path = undefined;
      this.#topLevel();
    }
    const { root } = this.#tree;
    if (root === undefined) throw this.#tokens.unexpected('a root node: / { … };');
    const tree = new DeviceTree(start);
    tree.reservations.push(...reservations);
    resolve(this.#tree, root, tree);
    return tree;
  }

  #origin(token: DtsToken): Origin {
    return this.#tokens.lexer.origin(token);
  }

  #semicolon(): void {
    this.#tokens.expect('punctuator', "';'", ';', "End the line before with ';'.");
  }

  #version(): void {
    do {
      this.#tokens.expect('keyword', '/dts-v1/;', '/dts-v1/', 'Begin the source with /dts-v1/;');
      this.#semicolon();
      const plugin = this.#tokens.accept('keyword', '/plugin/');
      if (plugin !== undefined) {
        const advice = 'Include the source in that of the board instead, without /plugin/.';
        throw this.#tokens.fail(plugin, 'overlays to be applied to a DTB later (/plugin/) are not supported', undefined, advice);
      }
    } while (this.#tokens.at('keyword', '/dts-v1/'));
  }

  #reservations(): Reservation[] {
    const found: Reservation[] = [];
    for (;;) {
      const labels = this.#labels();
      if (!this.#tokens.accept('keyword', '/memreserve/')) {
        if (labels.size > 0) throw this.#tokens.unexpected('/memreserve/', 'A label cannot stand before the root node.');
        return found;
      }
      found.push({ address: this.#tokens.integer(), size: this.#tokens.integer() });
      this.#semicolon();
    }
  }

  #topLevel(): void {
    const tokens = this.#tokens;
    const labels = this.#labels();
    const first = tokens.lexer.peek();
    if (labels.size === 0 && tokens.accept('punctuator', '/')) {
      this.#tree.mergeRoot(this.#body('', undefined, labels, first));
    } else if (labels.size === 0 && tokens.accept('keyword', '/delete-node/')) {
      this.#tree.delete(this.#target());
      this.#semicolon();
    } else if (labels.size === 0 && tokens.accept('keyword', '/omit-if-no-ref/')) {
      this.#target().omitIfNoRef = true;
      this.#semicolon();
    } else {
      const target = this.#target();
      this.#tree.merge(target, this.#body(target.name, undefined, labels, first));
    }
  }

  /** A reference to a node that exists already. */
  #target(): SourceNode {
    const token = this.#tokens.lexer.peek();
    const reference = this.#tokens.reference('path');
    if (reference === undefined) throw this.#tokens.unexpected('/ { … }; or &label { … };', 'A label cannot stand before /.');
    const found = this.#tree.find(reference.to);
    if (found !== undefined) return found;
    const name = 'label' in reference.to ? `label '${reference.to.label}'` : `node ${reference.to.path}`;
    throw this.#tokens.fail(token, `${name} does not exist`, 'a node that stands earlier in the source');
  }

  #labels(): Labels {
    const labels: Labels = new Map();
    for (let token = this.#tokens.accept('label'); token !== undefined; token = this.#tokens.accept('label')) {
      labels.set(token.text, this.#origin(token));
    }
    return labels;
  }

  /** `{ … };` of a node. */
  #body(name: string, parent: SourceNode | undefined, labels: Labels, at: DtsToken): SourceNode {
    const tokens = this.#tokens;
    const node = new SourceNode(name, parent, this.#origin(at));
    for (const [label, origin] of labels) node.labels.set(label, origin);
    if (++this.#depth > MAX_DEPTH) throw tokens.fail(at, `nodes are nested deeper than ${MAX_DEPTH}`);
    tokens.expect('punctuator', "'{'", '{');
    while (!tokens.accept('punctuator', '}')) {
      tokens.path = node.path;
      this.#item(node);
    }
    tokens.path = node.path;
    this.#semicolon();
    this.#depth--;
    return node;
  }

  /** A property, a child, or a deletion of one. */
  #item(node: SourceNode): void {
    const tokens = this.#tokens;
    const labels = this.#labels();
    if (tokens.accept('keyword', '/delete-property/')) this.#deleteProperty(node);
    else if (tokens.accept('keyword', '/delete-node/')) this.#deleteNode(node);
    else this.#named(node, labels);
  }

  #named(node: SourceNode, labels: Labels): void {
    const tokens = this.#tokens;
    let omit = false;
    while (tokens.accept('keyword', '/omit-if-no-ref/')) {
      omit = true;
      for (const [label, origin] of this.#labels()) labels.set(label, origin);
    }
    const name = tokens.expect('name', "a property, a node or '}'", undefined, 'Each node ends with };');
    if (omit || tokens.at('punctuator', '{')) this.#child(node, name, labels).omitIfNoRef = omit;
    else this.#property(node, name, labels);
  }

  #child(node: SourceNode, name: DtsToken, labels: Labels): SourceNode {
    const complaint = checkName(name.text);
    if (complaint !== undefined) throw this.#tokens.fail(name, `node name '${name.text.slice(0, 80)}' ${complaint}`);
    const twin = node.children.find((child) => child.name === name.text && !child.deleted);
    if (twin !== undefined) throw this.#tokens.fail(name, `node '${name.text}' stands twice in these braces`, 'another name');
    const child = this.#body(name.text, node, labels, name);
    node.children.push(child);
    return child;
  }

  #deleteProperty(node: SourceNode): void {
    const name = this.#tokens.expect('name', 'the name of a property');
    this.#beforeNodes(node, name);
    node.properties.push({
      name: name.text,
      origin: this.#origin(name),
      labels: new Map(),
      pieces: [],
      innerLabels: [],
      deleted: true,
    });
    this.#semicolon();
  }

  #deleteNode(node: SourceNode): void {
    const name = this.#tokens.expect(
      'name',
      'the name of a child node',
      undefined,
      'A node elsewhere is deleted outside of all nodes.',
    );
    const child = new SourceNode(name.text, node, this.#origin(name));
    child.deleted = true;
    node.children.push(child);
    this.#semicolon();
  }

  #property(node: SourceNode, name: DtsToken, labels: Labels): void {
    const tokens = this.#tokens;
    this.#beforeNodes(node, name);
    const complaint = checkPropertyName(name.text);
    if (complaint !== undefined) throw tokens.fail(name, `property name '${name.text.slice(0, 80)}' ${complaint}`);
    if (!tokens.at('punctuator', '=') && !tokens.at('punctuator', ';')) throw tokens.unexpected("'=', ';' or '{'");
    const value = tokens.accept('punctuator', '=') ? this.#values.read() : { pieces: [], innerLabels: [] };
    node.properties.push({ name: name.text, origin: this.#origin(name), labels, ...value, deleted: false });
    this.#semicolon();
  }

  #beforeNodes(node: SourceNode, name: DtsToken): void {
    if (node.children.length === 0) return;
    throw this.#tokens.fail(
      name,
      `property '${name.text.slice(0, 80)}' follows a child node`,
      undefined,
      'Put properties before child nodes.',
    );
  }
}
