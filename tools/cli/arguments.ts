/** Reads what follows a verb by the verb's row: what it does not know, or what would have no effect, is an error in one line. */
import { identityOf } from './run-files.ts';
import { UsageError } from './usage.ts';
import { type Option, VERB_NAMES, VERBS, type Verb, type VerbName } from './verbs.ts';

interface Given {
  readonly option: Option;
  readonly value: string;
}

interface FileUse {
  readonly name: string;
  readonly file: 'written' | 'read';
  readonly place: string | undefined;
  readonly value: string;
}

export class Arguments {
  readonly words: readonly string[];
  readonly #given: readonly Given[];

  constructor(words: readonly string[], given: readonly Given[]) {
    this.words = words;
    this.#given = given;
  }

  has(name: string): boolean {
    return this.#given.some(({ option }) => option.name === name);
  }

  text(name: string): string | undefined {
    return this.all(name)[0];
  }

  all(name: string): readonly string[] {
    return this.#given.flatMap(({ option, value }) => (option.name === name ? [value] : []));
  }

  /** Those of some options, in the order in which they were given. */
  inOrder(names: readonly string[]): readonly (readonly [name: string, value: string])[] {
    return this.#given.flatMap(({ option, value }) => (names.includes(option.name) ? [[option.name, value] as const] : []));
  }

  check(verb: VerbName): this {
    for (const { option } of this.#given) this.#checkTogether(option);
    const nameless = this.#given.find(({ option, value }) => option.file !== undefined && value === '');
    if (nameless !== undefined) throw new UsageError(`${nameless.option.name}: the name of the file is empty`);
    this.#checkWords(verb);
    this.#checkFiles();
    return this;
  }

  #checkTogether({ name, many, needs, without = {} }: Option): void {
    if (many === undefined && this.all(name).length > 1) throw new UsageError(`${name} is given twice`);
    if (needs !== undefined && !needs.some((other) => this.has(other)))
      throw new UsageError(`${name} has no effect without ${needs.join(' or ')}`);
    for (const [other, why] of Object.entries(without))
      if (this.has(other)) throw new UsageError(`${name} does not go with ${other}: ${why}`);
  }

  #checkWords(verb: VerbName): void {
    const { words, usage }: Verb = VERBS[verb];
    const extra = this.words[words.most];
    if (this.words.length < words.least)
      throw new UsageError(`${article(words.what)} is missing: partita ${verb} ${usage.replace(/ \[options\]$/, '')}`);
    if (extra !== undefined) throw new UsageError(`one argument too many: ${extra}`);
  }

  /** What is written is neither read, nor written by something else. */
  #checkFiles(): void {
    const files: FileUse[] = this.#given.flatMap(({ option: { name, file }, value }) =>
      file === undefined ? [] : [{ name, file, place: identityOf(value), value }],
    );
    for (const word of this.words) files.push({ name: word, file: 'read', place: identityOf(word), value: word });
    for (const [i, one] of files.entries()) {
      if (one.file !== 'written' || one.place === undefined) continue;
      const other = files.find(({ place, file }, k) => place === one.place && (file === 'read' || k > i));
      if (other === undefined) continue;
      const what = other.file === 'read' ? `${one.name} writes what ${other.name} reads` : `${one.name} and ${other.name}`;
      throw new UsageError(`${what}: the same file ${one.value}`);
    }
  }
}

const article = (what: string): string => `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`;

/** Throws a UsageError for the first thing that is wrong. */
export function readArguments(verb: VerbName, argv: readonly string[]): Arguments {
  const words: string[] = [];
  const given: Given[] = [];
  const left = [...argv];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') words.push(...left.splice(0));
    else if (!/^-./.test(word)) words.push(word);
    else given.push(readOption(verb, word, left));
  }
  return new Arguments(words, given).check(verb);
}

/** `--name value`, `--name=value` or `--name`; takes the value away from what is left. */
function readOption(verb: VerbName, word: string, left: string[]): Given {
  const at = word.indexOf('=');
  const name = at < 0 ? word : word.slice(0, at);
  const option = VERBS[verb].options.find((one) => one.name === name) as Option | undefined;
  if (option === undefined) throw unknown(verb, name);
  if (option.value === undefined) {
    if (at >= 0) throw new UsageError(`${name} takes no value`);
    return { option, value: '' };
  }
  const value = at < 0 ? left[0] : word.slice(at + 1);
  if (value === undefined || (at < 0 && value.startsWith('--')))
    throw new UsageError(`${name}: the value is missing, such as ${name} ${option.value} (one with dashes: ${name}=--…)`);
  if (at < 0) left.shift();
  return { option, value };
}

/** Says where it would be known. */
function unknown(verb: VerbName, name: string): UsageError {
  const elsewhere = VERB_NAMES.filter((other) => VERBS[other].options.some((one) => one.name === name));
  const options: readonly Option[] = VERBS[verb].options;
  const setting = options.find(({ what }) => new RegExp(`,${name.replace(/^--/, '')}\\b`).test(what));
  const hint =
    setting !== undefined && /^--[a-z]+$/.test(name)
      ? `: it is a setting of ${setting.name}, such as ${setting.name} ${setting.value},${name.slice(2)}…`
      : elsewhere.length > 0
        ? `: it is one of ${elsewhere.join(', ')}`
        : '';
  return new UsageError(`partita ${verb} has no option ${name}${hint} (see partita ${verb} --help)`);
}
