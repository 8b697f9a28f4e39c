/** The command line of `partita image`, checked into plain values. */
import arg from 'arg';
import { FORMATS, type Format } from '../../core/storage/chain.ts';
import type { Repair } from '../../core/storage/qcow2/check.ts';
import { type NewImage, USUAL } from '../../core/storage/qcow2/create.ts';
import { UsageError } from './usage.ts';

export interface ImageArguments {
  readonly file: string;
  /** Of `convert`. */
  readonly to: string | undefined;
  /** Of `create`, in bytes. */
  readonly size: number | undefined;
  readonly format: Format | undefined;
  readonly toFormat: Format | undefined;
  readonly folder: string | undefined;
  readonly backing: string | undefined;
  readonly backingFormat: Format | undefined;
  readonly shape: Pick<NewImage, 'version' | 'clusterBits' | 'refcountOrder'>;
  readonly repair: Repair | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

const SHAPE = { '--cluster-size': String, '--refcount-bits': String, '--compat': String, '--force': Boolean };
const SPECS: Readonly<Record<string, arg.Spec>> = {
  info: { '--json': Boolean, '--format': String, '--folder': String },
  create: { ...SHAPE, '--format': String, '--folder': String, '--backing': String, '--backing-format': String },
  convert: { ...SHAPE, '--format': String, '--folder': String, '--to': String },
  commit: { '--format': String, '--folder': String },
  check: { '--repair': String, '--json': Boolean },
};

export function imageArguments(verb: string, argv: readonly string[]): ImageArguments {
  const { _: names, ...options } = parse(verb, argv);
  const [file, second, third] = names;
  const two = verb === 'create' || verb === 'convert';
  if (file === undefined) throw new UsageError(`the image is missing: partita image ${verb} FILE (partita image --help)`);
  const extra = two ? third : second;
  if (extra !== undefined) throw new UsageError(`one argument too many: ${extra}`);
  const text = (name: string): string | undefined => options[name] as string | undefined;
  checkEffect(options, text(verb === 'create' ? '--format' : '--to') === 'raw');
  return {
    file,
    to: verb === 'convert' ? second : undefined,
    size: verb === 'create' && second !== undefined ? size(second) : undefined,
    format: oneOf('--format', text('--format'), FORMATS),
    toFormat: oneOf('--to', text('--to'), FORMATS),
    folder: text('--folder'),
    backing: text('--backing'),
    backingFormat: oneOf('--backing-format', text('--backing-format'), FORMATS),
    shape: shape(text('--compat'), text('--cluster-size'), text('--refcount-bits')),
    repair: oneOf('--repair', text('--repair'), ['leaks', 'refcounts'] as const),
    force: options['--force'] === true,
    json: options['--json'] === true,
  };
}

/** Options that would do nothing are mistakes. `raw`: the new image is. */
function checkEffect(options: Readonly<Record<string, unknown>>, raw: boolean): void {
  const given = (name: string): boolean => options[name] !== undefined;
  if (given('--backing-format') && !given('--backing')) throw new UsageError('--backing-format has no effect without --backing');
  const shaped = ['--cluster-size', '--refcount-bits', '--compat'].find(given);
  if (raw && shaped !== undefined) throw new UsageError(`${shaped} has no effect on a raw image`);
}

function parse(verb: string, argv: readonly string[]): arg.Result<arg.Spec> {
  try {
    return arg(SPECS[verb] as arg.Spec, { argv: [...argv] });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function shape(compat: string | undefined, cluster: string | undefined, refcount: string | undefined): ImageArguments['shape'] {
  const version = oneOf('--compat', compat, ['2', '3'] as const) === '2' ? 2 : USUAL.version;
  const clusterBits = cluster === undefined ? USUAL.clusterBits : Math.log2(bytes('--cluster-size', cluster));
  const refcountOrder = refcount === undefined ? USUAL.refcountOrder : Math.log2(Number(refcount));
  if (!Number.isInteger(clusterBits) || clusterBits < 9 || clusterBits > 21) {
    throw new UsageError(`--cluster-size ${cluster}: give a power of two from 512 to 2M`);
  }
  if (!Number.isInteger(refcountOrder) || refcountOrder < 0 || refcountOrder > 6) {
    throw new UsageError(`--refcount-bits ${refcount}: give 1, 2, 4, 8, 16, 32 or 64`);
  }
  if (version === 2 && refcountOrder !== USUAL.refcountOrder) throw new UsageError('--compat 2: its refcounts have 16 bits');
  return { version, clusterBits, refcountOrder };
}

const SECTOR = 512;
const UNITS = 'KMGTP';

function size(text: string): number {
  const value = bytes('the size', text);
  if (value % SECTOR === 0) return value;
  throw new UsageError(`the size ${text}: give a multiple of ${SECTOR}, such as 8G`);
}

function bytes(what: string, text: string): number {
  const [, number, unit] = /^(\d+)([KMGTP]?)$/i.exec(text) ?? [];
  const value = Number(number) * 1024 ** (unit ? UNITS.indexOf(unit.toUpperCase()) + 1 : 0);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`${what} ${text}: give a number of bytes, or one with K, M, G or T, such as 8G`);
}

function oneOf<T extends string>(option: string, text: string | undefined, values: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = values.find((value) => value === text);
  if (found === undefined) throw new UsageError(`${option} ${text}: give ${values.join(' or ')}`);
  return found;
}
