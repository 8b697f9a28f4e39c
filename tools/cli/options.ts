/** The command line, read with `arg` and checked into plain values. */
import arg from 'arg';
import type { MachineOptions } from '../../core/machine/machine.ts';
import type { GdbOptions } from '../gdb/server.ts';
import { nodeWasm } from '../host/node.ts';
import { type BoundDisk, boundDisk } from './bindings.ts';
import { checkName } from './control-folder.ts';
import { gdbOptions } from './debugging.ts';
import { DEVICE_OPTIONS, type DeviceOption, deviceOption } from './device-options.ts';
import { isTraced, needsInterpreter, TRACE_SPEC, type TraceOptions, traceOptions } from './trace-options.ts';
import { UsageError } from './usage.ts';

export interface RunOptions {
  /** Virtual nanoseconds, or Infinity. */
  readonly until: number;
  readonly instructions: number;
  readonly engine: 'interpreter' | 'jit';
  /** Both engines, compared. */
  readonly verify: boolean;
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

const NONE: arg.Spec = {};
const COMMON = {
  '--for': String,
  '--instructions': String,
  '--engine': String,
  '--verify': Boolean,
  '--report': String,
  '--quiet': Boolean,
  '--console': String,
  '--input': [String] as [StringConstructor],
  '--expect': [String] as [StringConstructor],
  '--snapshot': Boolean,
  '--record': String,
  '--replay': String,
  '--gdb': String,
  ...TRACE_SPEC,
};

const BOOT = {
  ...COMMON,
  '--board': String,
  '--bios': String,
  '--memory': String,
  '--smp': String,
  '--cpu': String,
  '--dtb': String,
  '--initrd': String,
  '--append': String,
  '--el': String,
  '--virtio-version': String,
  '--semihosting': Boolean,
  '--semihosting-root': String,
};

export function runArguments(
  argv: readonly string[],
): RunOptions & { readonly system: string; readonly disks: readonly BoundDisk[]; readonly name: string | undefined } {
  const parsed = parse({ ...COMMON, '--name': String, '--drive': [String] as [StringConstructor] }, argv);
  const disks = (parsed['--drive'] ?? []).map((text) => boundDisk('--drive', text));
  const name = parsed['--name'] === undefined ? undefined : checkName(parsed['--name']);
  return { ...common(parsed), system: only(parsed._, 'a system description', 'partita run SYSTEM.dts'), disks, name };
}

export function checkArguments(argv: readonly string[]): { readonly system: string } {
  return { system: only(parse(NONE, argv)._, 'a system description', 'partita check SYSTEM.dts') };
}

export function bootArguments(argv: readonly string[]): BootArguments {
  const devices: DeviceOption[] = [];
  const device = (text: string, option: string) => devices.push(deviceOption(option, text));
  const parsed = parse({ ...BOOT, ...Object.fromEntries(DEVICE_OPTIONS.map((option) => [option, device])) }, argv);
  const bios = parsed['--bios'];
  if (bios !== undefined && parsed._[0] !== undefined) throw new UsageError(`give --bios or an image, not both: ${parsed._[0]}`);
  return {
    ...common(parsed),
    board: parsed['--board'] ?? 'virt',
    image: bios ?? only(parsed._, 'an image', 'partita boot --board virt IMAGE'),
    firmware: bios !== undefined,
    memory: parsed['--memory'] === undefined ? undefined : bytes(parsed['--memory']),
    cores: parsed['--smp'] === undefined ? undefined : integer('--smp', parsed['--smp'], 1, 4),
    cpu: parsed['--cpu'] === undefined ? undefined : oneOf('--cpu', parsed['--cpu'], ['cortex-a15', 'cortex-a7'] as const),
    dtb: parsed['--dtb'],
    initrd: parsed['--initrd'],
    append: parsed['--append'],
    el: oneOf('--el', parsed['--el'] ?? 'svc', ['svc', 'hyp'] as const),
    semihosting: parsed['--semihosting'] ?? false,
    semihostingRoot: parsed['--semihosting-root'] ?? '.',
    devices,
    virtioVersion:
      parsed['--virtio-version'] === undefined ? undefined : integer('--virtio-version', parsed['--virtio-version'], 1, 2),
  };
}

function parse<S extends arg.Spec>(spec: S, argv: readonly string[]): arg.Result<S> {
  try {
    return arg(spec, { argv: [...argv] });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function common(parsed: arg.Result<typeof COMMON>): RunOptions {
  const engine = oneOf('--engine', parsed['--engine'] ?? 'auto', ['auto', 'interpreter', 'jit'] as const);
  const instructions = parsed['--instructions']?.replaceAll('_', '');
  const tracing = checkTracing(parsed, engine);
  return {
    until: parsed['--for'] === undefined ? Number.POSITIVE_INFINITY : duration('--for', parsed['--for']),
    instructions:
      instructions === undefined ? Number.POSITIVE_INFINITY : integer('--instructions', instructions, 1, Number.MAX_SAFE_INTEGER),
    engine: engine === 'interpreter' || needsInterpreter(tracing) ? 'interpreter' : 'jit',
    verify: parsed['--verify'] ?? false,
    report: parsed['--report'],
    quiet: parsed['--quiet'] ?? false,
    console: parsed['--console'],
    inputs: (parsed['--input'] ?? []).map((text) => consoleText('--input', text)),
    expects: (parsed['--expect'] ?? []).map((text) => consoleText('--expect', text)),
    snapshot: parsed['--snapshot'] ?? false,
    record: parsed['--record'],
    replay: parsed['--replay'],
    gdb: checkGdb(parsed),
    tracing,
  };
}

function checkGdb(parsed: arg.Result<typeof COMMON>): GdbOptions | undefined {
  if (parsed['--gdb'] !== undefined && parsed['--verify'] === true)
    throw new UsageError('--verify runs several machines: gdb cannot look into them');
  return gdbOptions(parsed['--gdb']);
}

/** Lockstep is not traced, and translated code does not tell its instructions. */
function checkTracing(parsed: arg.Result<typeof COMMON>, engine: string): TraceOptions {
  const options = traceOptions(parsed, duration);
  if (parsed['--verify'] === true && isTraced(options))
    throw new UsageError('--verify runs several machines: it cannot be traced');
  if (parsed['--gdb'] !== undefined && needsInterpreter(options))
    throw new UsageError('--trace-instructions, --profile and --coverage go without --gdb');
  if (engine === 'jit' && needsInterpreter(options))
    throw new UsageError('--trace-instructions, --profile and --coverage need the interpreter: leave --engine jit out');
  return options;
}

/** What makes a machine use an engine. */
export const engineOptions = (
  engine: RunOptions['engine'],
  translation: MachineOptions['translation'] = {},
): Pick<MachineOptions, 'wasm' | 'translation'> => (engine === 'jit' ? { wasm: nodeWasm(), translation } : {});

function only(given: readonly string[], what: string, example: string): string {
  const [first, second] = given;
  if (first === undefined) throw new UsageError(`${what} is missing: ${example}`);
  if (second !== undefined) throw new UsageError(`one argument too many: ${second}`);
  return first;
}

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
