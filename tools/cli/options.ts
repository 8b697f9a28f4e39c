/** What is given to `run`, `boot` and `check`, checked into plain values. */
import type { MachineOptions } from '../../core/machine/machine.ts';
import type { GdbOptions } from '../gdb/server.ts';
import { Wasm } from '../host/wasm.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { type BoundDisk, boundDisk } from './bindings.ts';
import { checkName } from './control-folder.ts';
import { gdbOptions } from './debugging.ts';
import { DEVICE_OPTIONS, type DeviceOption, deviceOption } from './device-options.ts';
import { needsInterpreter, type TraceOptions, traceOptions } from './trace-options.ts';
import { UsageError } from './usage.ts';

export interface RunOptions {
  /** Virtual nanoseconds, or Infinity. */
  readonly until: number;
  readonly instructions: number;
  readonly engine: 'interpreter' | 'jit';
  /** Both engines, compared. */
  readonly verify: boolean;
  /** Where translated code is kept, or `off`. */
  readonly codeCache: string | undefined;
  readonly report: string | undefined;
  readonly quiet: boolean;
  readonly console: string | undefined;
  readonly inputs: readonly ConsoleText[];
  readonly expects: readonly ConsoleText[];
  /** No disk is written. */
  readonly snapshot: boolean;
  /** Files for what comes from the host's network. */
  readonly record: string | undefined;
  readonly replay: string | undefined;
  readonly gdb: GdbOptions | undefined;
  readonly tracing: TraceOptions;
}

export interface ConsoleText {
  readonly console: string;
  /** As it was meant to be read. */
  readonly text: string;
  /** What goes over the wire: UTF-8, but for bytes given as \xHH. */
  readonly bytes: readonly number[];
}

export interface BootArguments extends RunOptions {
  readonly board: string;
  readonly image: string;
  readonly firmware: boolean;
  readonly memory: number | undefined;
  readonly cores: number | undefined;
  readonly cpu: 'cortex-a15' | 'cortex-a7' | undefined;
  readonly dtb: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly el: 'svc' | 'hyp';
  readonly semihosting: boolean;
  readonly semihostingRoot: string;
  readonly devices: readonly DeviceOption[];
  /** Of virtio-mmio. */
  readonly virtioVersion: number | undefined;
}

export interface RunArguments extends RunOptions {
  readonly system: string;
  readonly disks: readonly BoundDisk[];
  readonly name: string | undefined;
}

export function runArguments(argv: readonly string[]): RunArguments {
  const given = readArguments('run', argv);
  const name = given.text('--name');
  return { ...common(given), ...described(given), name: name === undefined ? undefined : checkName(name) };
}

export interface CheckArguments {
  readonly system: string;
  readonly disks: readonly BoundDisk[];
  readonly snapshot: boolean;
}

export function checkArguments(argv: readonly string[]): CheckArguments {
  const given = readArguments('check', argv);
  return { ...described(given), snapshot: given.has('--snapshot') };
}

const described = (given: Arguments): { readonly system: string; readonly disks: readonly BoundDisk[] } => ({
  system: given.words[0] as string,
  disks: given.all('--drive').map((text) => boundDisk('--drive', text)),
});

export function bootArguments(argv: readonly string[]): BootArguments {
  const given = readArguments('boot', argv);
  const number = (name: string, low: number, high: number) => optional(given, name, (text) => integer(name, text, low, high));
  return {
    ...common(given),
    board: given.text('--board') ?? 'virt',
    image: imageOf(given),
    firmware: given.has('--bios'),
    memory: optional(given, '--memory', bytes),
    cores: number('--smp', 1, 4),
    cpu: optional(given, '--cpu', (text) => oneOf('--cpu', text, ['cortex-a15', 'cortex-a7'] as const)),
    dtb: given.text('--dtb'),
    initrd: given.text('--initrd'),
    append: given.text('--append'),
    el: oneOf('--el', given.text('--el') ?? 'svc', ['svc', 'hyp'] as const),
    semihosting: given.has('--semihosting'),
    semihostingRoot: given.text('--semihosting-root') ?? '.',
    devices: given.inOrder(DEVICE_OPTIONS).map(([option, text]) => deviceOption(option, text)),
    virtioVersion: number('--virtio-version', 1, 2),
  };
}

function imageOf(given: Arguments): string {
  const [bios, [image]] = [given.text('--bios'), given.words];
  if (bios !== undefined && image !== undefined) throw new UsageError(`give --bios or an image, not both: ${image}`);
  const found = bios ?? image;
  if (found === undefined) throw new UsageError('an image is missing: partita boot --board virt IMAGE');
  return found;
}

function optional<T>(given: Arguments, name: string, read: (text: string) => T): T | undefined {
  const text = given.text(name);
  return text === undefined ? undefined : read(text);
}

function common(given: Arguments): RunOptions {
  const engine = oneOf('--engine', given.text('--engine') ?? 'auto', ['auto', 'interpreter', 'jit'] as const);
  const tracing = traceOptions(given, duration);
  if (engine === 'jit' && needsInterpreter(tracing))
    throw new UsageError('--trace-instructions, --profile and --coverage need the interpreter: leave --engine jit out');
  const codeCache = given.text('--code-cache');
  const interpreted = engine === 'interpreter' || needsInterpreter(tracing);
  if (codeCache !== undefined && codeCache !== OFF && interpreted)
    throw new UsageError('--code-cache is for translated code, and all is interpreted: leave one of the options out');
  if (codeCache === '') throw new UsageError('--code-cache: give a folder, or off');
  const most = (text: string) => integer('--instructions', text.replaceAll('_', ''), 1, Number.MAX_SAFE_INTEGER);
  return {
    until: optional(given, '--for', (text) => duration('--for', text)) ?? Number.POSITIVE_INFINITY,
    instructions: optional(given, '--instructions', most) ?? Number.POSITIVE_INFINITY,
    engine: interpreted ? 'interpreter' : 'jit',
    verify: given.has('--verify'),
    codeCache,
    report: given.text('--report'),
    quiet: given.has('--quiet'),
    console: given.text('--console'),
    inputs: given.all('--input').map((text) => consoleText('--input', text)),
    expects: given.all('--expect').map((text) => consoleText('--expect', text)),
    snapshot: given.has('--snapshot'),
    record: given.text('--record'),
    replay: given.text('--replay'),
    gdb: gdbOptions(given.text('--gdb')),
    tracing,
  };
}

/** What makes a machine use an engine. */
export const engineOptions = (
  engine: RunOptions['engine'],
  translation: MachineOptions['translation'] = {},
): Pick<MachineOptions, 'wasm' | 'translation'> => (engine === 'jit' ? { wasm: new Wasm(), translation } : {});

/** Instead of a folder for `--code-cache`. */
export const OFF = 'off';

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

function duration(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(text) ?? [];
  const scale = UNITS[unit ?? ''];
  if (number === undefined || scale === undefined) {
    throw new UsageError(`${option} ${text}: give a number with ns, us, ms or s, such as 500ms`);
  }
  return Math.round(Number(number) * scale);
}

const SIZES: Readonly<Record<string, number>> = { '': 2 ** 20, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** A plain number counts mebibytes, as QEMU's -m. */
function bytes(text: string): number {
  const [, number, unit] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  const size = Number(number) * (SIZES[(unit ?? '').toUpperCase()] ?? 0);
  if (size >= 2 ** 20 && size <= 3 * 2 ** 30 && size % 4096 === 0) return size;
  throw new UsageError(`--memory ${text}: give 1M to 3G, such as 256M`);
}

function integer(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new UsageError(`${option} ${text}: give a whole number from ${low} to ${high}`);
}

function oneOf<T extends string>(option: string, text: string, values: readonly T[]): T {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new UsageError(`${option} ${text}: give ${values.join(' or ')}`);
  return found;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', e: '\x1b', '0': '\0', '\\': '\\' };

/** NAME='text' with C-like escapes (\n, \r, \t, \e, \xHH). */
function consoleText(option: string, given: string): ConsoleText {
  const at = given.indexOf('=');
  if (at <= 0) throw new UsageError(`${option} ${given}: give the console's name and the text, such as ${option} uart0='text'`);
  const pieces = given.slice(at + 1).split(/(\\(?:x[0-9a-f]{2}|.))/is);
  const plain = pieces.map((piece, i) => (i % 2 === 0 ? piece : unescaped(piece)));
  const bytes = plain.flatMap((piece, i) =>
    HEX.test(pieces[i] ?? '') ? piece.charCodeAt(0) : [...new TextEncoder().encode(piece)],
  );
  return { console: given.slice(0, at), text: plain.join(''), bytes };
}

const HEX = /^\\x[0-9a-f]{2}$/i;

function unescaped(text: string): string {
  return HEX.test(text) ? String.fromCharCode(Number.parseInt(text.slice(2), 16)) : (ESCAPES[text.slice(1)] ?? text);
}
