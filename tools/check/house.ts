/** Rules of the house that are about one source file: what it must not say, and how long it may be. */
import { type CallExpression, Node, type SourceFile, SyntaxKind } from 'ts-morph';
import type { Finding } from './finding.ts';
import type { Sources } from './sources.ts';

const FILE_LINES = 400;
const FUNCTION_LINES = 40;

/** Files that are long because they are tables: one row after the other, nothing to follow. */
const TABLES: readonly string[] = [];

/** What depends on the host, its clock, its language or its collector. `Date` and the like compile in core, but may not be used there. */
const HOST_DEPENDENT = ['Date', 'Intl', 'performance', 'WeakRef', 'FinalizationRegistry', 'Atomics', 'globalThis'];
/** Results of the other functions of Math may differ from one engine to the next (ECMA-262, 21.3.2). */
const EXACT = ['PI', 'abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'log2', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc'];

export function checkHouse(sources: Sources): Finding[] {
  return [...sources].flatMap(([file, source]) => {
    const rules = [anyTypes, suppressions, skippedTests, lengths, ...(file.startsWith('core/') ? [hostDependence, header] : [])];
    return rules.flatMap((rule) => rule(source, file)).map((found) => ({ file, ...found }));
  });
}

type Found = Omit<Finding, 'file'>;

const at = (node: Node, problem: string): Found => ({ line: node.getStartLineNumber(), problem });

const anyTypes = (source: SourceFile): Found[] =>
  source.getDescendantsOfKind(SyntaxKind.AnyKeyword).map((node) => at(node, "says 'any': name the type, or take 'unknown'"));

const SUPPRESSION = /(?:\/\/|\/\*)\s*(biome-ignore|@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-disable|[vc]8 ignore)/;
const UNFINISHED = /(?:\/\/|\*)\s*(TODO|FIXME|XXX)\b(?!.*issue \d)/;

/** What a negative type test expects is no suppression. */
function suppressions(source: SourceFile, file: string): Found[] {
  const lines = source.getFullText().split('\n');
  return lines.flatMap((text, i) => {
    const silenced = SUPPRESSION.exec(text)?.[1];
    const left = UNFINISHED.exec(text)?.[1];
    const typeTest = silenced === '@ts-expect-error' && file.startsWith('test/');
    return [
      ...(silenced !== undefined && !typeTest
        ? [{ line: i + 1, problem: `silences a check (${silenced}): mend what it found` }]
        : []),
      ...(left !== undefined ? [{ line: i + 1, problem: `is unfinished (${left}): finish it, or name the issue` }] : []),
    ];
  });
}

const TEST = /^(?:it|test|describe)\b/;

function skippedTests(source: SourceFile, file: string): Found[] {
  if (!file.startsWith('test/')) return [];
  return source.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression).flatMap((access) => {
    const name = access.getName();
    if (!TEST.test(access.getExpression().getText())) return [];
    if (['only', 'skip', 'todo', 'fails'].includes(name)) return [at(access, `has a test with .${name}`)];
    if (!['skipIf', 'runIf'].includes(name)) return [];
    const call = access.getParentIfKind(SyntaxKind.CallExpression);
    return call !== undefined && asksForOracle(call) ? [] : [at(access, `.${name} without have(): CI could pass over the test`)];
  });
}

/** Under CI they throw for what is missing. */
const ORACLES = ['have', 'haveLinux'];

/** Whether the condition is made from one of these, itself or through variables of the file. */
function asksForOracle(call: CallExpression): boolean {
  const seen = new Set<string>();
  const asks = (node: Node): boolean =>
    [node, ...node.getDescendants()].filter(Node.isIdentifier).some((identifier) => {
      const name = identifier.getText();
      if (ORACLES.includes(name)) return true;
      if (seen.has(name)) return false;
      seen.add(name);
      const initializer = call.getSourceFile().getVariableDeclaration(name)?.getInitializer();
      return initializer !== undefined && asks(initializer);
    });
  return call.getArguments().some(asks);
}

function hostDependence(source: SourceFile): Found[] {
  return source.getDescendantsOfKind(SyntaxKind.Identifier).flatMap((identifier) => {
    const name = identifier.getText();
    const access = identifier.getParentIfKind(SyntaxKind.PropertyAccessExpression);
    const isMember = access?.getNameNode() === identifier;
    if (isMember && /^toLocale|^localeCompare$/.test(name)) return [at(identifier, `${name} depends on the host's language`)];
    if (!isMember && name === 'Math' && access !== undefined && !EXACT.includes(access.getName()))
      return [at(identifier, `Math.${access.getName()} need not be the same on every host`)];
    const used = HOST_DEPENDENT.includes(name) && !isMember && !Node.isPropertyAssignment(identifier.getParent());
    return used ? [at(identifier, `${name} depends on the host: core has virtual time and its inputs, nothing else`)] : [];
  });
}

const header = (source: SourceFile): Found[] =>
  source.getFullText().startsWith('/**')
    ? []
    : [{ line: 1, problem: 'has no header comment that says what it is and which manual it follows' }];

function lengths(source: SourceFile, file: string): Found[] {
  if (TABLES.includes(file)) return [];
  const lines = source.getEndLineNumber() - 1;
  const long = lines > FILE_LINES ? [{ line: FILE_LINES, problem: `has ${lines} lines; the limit is ${FILE_LINES}` }] : [];
  if (file.startsWith('test/')) return long;
  const functions = source.getDescendants().filter((node) => Node.isFunctionDeclaration(node) || Node.isMethodDeclaration(node));
  return [...long, ...functions.flatMap(functionLength)];
}

function functionLength(node: Node): Found[] {
  const lines = node.getEndLineNumber() - node.getStartLineNumber() + 1;
  return lines > FUNCTION_LINES ? [at(node, `a function of ${lines} lines; the limit is ${FUNCTION_LINES}`)] : [];
}
