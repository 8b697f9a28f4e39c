/** What happens in a system case: writes of system registers, then an instruction that ends in an exception, a return, a change of mode. */
import type { Random } from './random.ts';
import { BANKED_CORE, HCR_EVENTS, type Input, MODES, MONITOR_BLOCK, OTHER_MONITOR_BLOCK, SCR } from './system-layout.ts';

export interface Context {
  readonly mode: number;
  readonly secure: boolean;
  readonly thumb: boolean;
  readonly control: number;
  readonly hcr: number;
  readonly lines: number;
  /** Where VBAR and HVBAR may point. */
  readonly blocks: readonly number[];
  readonly scd: boolean;
}

export interface Event {
  readonly name: string;
  readonly code: readonly string[];
  readonly values: Input;
}

const event = (name: string, ...code: string[]): Event => ({ name, code, values: {} });

/** Whether registers of Hyp mode can be reached. From other Secure modes QEMU 7.2 has them, the manual does not. */
const reachesHyp = ({ mode, control }: Context): boolean =>
  mode === MODES.hyp || (mode === MODES.mon && (control & SCR.NS) !== 0);
const isPermitted = (c: Context, operands: string): boolean => !c.secure || reachesHyp(c) || !operands.includes('p15, 4');

/** R1 is the address, R5 to R8 are data. */
const ACCESSES = [
  ...['ldr', 'ldrh', 'ldrsh', 'ldrb', 'ldrsb', 'str', 'strh', 'strb'].map((name) => `${name} r5, [r1]`),
  ...['ldrd r6, r7, [r1]', 'strd r6, r7, [r1]', 'ldm r1, {r5-r8}', 'stm r1, {r5-r8}', 'ldm r1!, {r5-r8}', 'stmdb r1!, {r5-r8}'],
  ...['ldm r1, {r1, r5, r6}', 'ldr r5, [r1, #4]!', 'str r5, [r1], #4', 'ldr r1, [r1]', 'ldrex r5, [r1]', 'ldrexd r6, r7, [r1]'],
  ...[
    'ldrex r7, [r1]; strex r5, r6, [r1]',
    'ldrexb r7, [r1]; strexb r5, r6, [r1]',
    'vldm r1, {d0-d3}',
    'vstm r1!, {d0-d3}',
    'vldr d1, [r1]',
    'vstr s3, [r1]',
  ],
  ...['vld1.64 {d0}, [r1:64]', 'vst1.8 {d0-d3}, [r1]', 'pld [r1]', 'pli [r1]', 'ldmdb r1!, {r5, r6}', 'ldrexh r5, [r1]'],
];
const UNPRIVILEGED = ['ldrt r5, [r1]', 'strt r5, [r1]', 'ldrbt r5, [r1]', 'strbt r5, [r1]', 'ldrht r5, [r1]', 'strht r5, [r1]'];

/** Unprivileged accesses are UNPREDICTABLE in Hyp mode; in Monitor mode QEMU 7.2 makes them in Non-secure state. */
function access(r: Random, c: Context): Event {
  const code = r.pick(c.mode === MODES.hyp || c.mode === MODES.mon ? ACCESSES : [...ACCESSES, ...UNPRIVILEGED]);
  return event(`access ${code.split(' ')[0]}`, ...code.split('; '));
}

const CALLS = [
  'svc #0x12',
  'hvc #0x34',
  'smc #3',
  'udf #0x21',
  'mrc p7, 0, r5, c0, c0, 0',
  'mrc p15, 0, r5, c4, c0, 0',
  'vmov.f32 s0, s1',
];

/** HVC is UNDEFINED in Secure state: QEMU 7.2 goes to Hyp mode, and stops with an assertion there. */
function call(r: Random, { secure }: Context): Event {
  const code = r.pick([...CALLS, ...CALLS.slice(0, 4), 'bkpt #0x56'].filter((text) => !secure || !text.startsWith('hvc')));
  return event(code.split(' ')[0] as string, code);
}

/** Without an SPSR there is nothing to return with. Monitor mode's is that of its entry: it gets another first. */
function exceptionReturn(r: Random, { mode, thumb }: Context): Event | undefined {
  if (mode === MODES.usr || mode === MODES.sys) return undefined;
  // RFE and LDM with PC and ^ are UNDEFINED in Hyp mode: QEMU 7.2 executes them.
  const hyp = mode === MODES.hyp;
  const always = ['subs pc, lr, #4', 'movs pc, lr', 'eret', ...(hyp ? [] : ['rfeia r3'])];
  const code = r.pick(thumb ? always : [...always, ...(hyp ? [] : ['ldm r3, {pc}^']), 'subs pc, lr, #8']);
  const prepare = mode === MODES.mon ? ['ldr lr, [r3]', 'ldr r6, [r3, #4]', 'msr spsr_fsxc, r6'] : [];
  return event(`return ${code.split(' ')[0]}`, ...prepare, code);
}

const MODE_NUMBERS = Object.values(MODES);

function status(r: Random, { mode }: Context): Event {
  const spsr = mode !== MODES.usr && mode !== MODES.sys;
  const masks = r.pick(['a', 'i', 'f', 'ai', 'if', 'aif']);
  const target = `#${r.pick(MODE_NUMBERS)}`;
  const code = r.pick([
    'mrs r5, cpsr',
    ...(spsr ? ['mrs r5, spsr', 'msr spsr_fsxc, r4'] : []),
    'msr cpsr_fsxc, r4',
    'msr cpsr_c, r4',
    `cps ${target}`,
    `cpsie ${masks}`,
    `cpsid ${masks}`,
    `cpsie ${masks}, ${target}`,
    `cpsid ${masks}, ${target}`,
  ]);
  return event(code.split(' ')[0] as string, code);
}

/** Hyp mode's registers are for Monitor mode with SCR.NS = 1; without it the access is UNPREDICTABLE. */
function banked(r: Random, c: Context): Event {
  const all = [...BANKED_CORE, 'SP_mon', 'LR_mon', 'SPSR_mon'];
  const name = r.pick(c.secure && !reachesHyp(c) ? all.filter((one) => !one.endsWith('_hyp')) : all);
  const code = name === 'SP_mon' || r.once(2) ? `mrs r5, ${name}` : `msr ${name}, r9`;
  return event(`${code.slice(0, 3)} banked`, code);
}

function storeReturn(r: Random, { mode }: Context): Event | undefined {
  if (mode === MODES.usr || mode === MODES.sys || mode === MODES.hyp) return undefined;
  const stack = r.pick(MODE_NUMBERS.filter((m) => m !== MODES.mon && m !== MODES.hyp));
  return event('srs', `${r.pick(['srsdb', 'srsia'])} sp${r.pick(['', '!'])}, #${stack}`);
}

const TRANSLATIONS = [0, 1, 2, 3, 4, 5, 6, 7].map((op) => `mcr p15, 0, r1, c7, c8, ${op}`);
const HYP_TRANSLATIONS = [0, 1].map((op) => `mcr p15, 4, r1, c7, c8, ${op}`);

/** No domain without access: QEMU 7.2 stops with an assertion where a domain fault goes into a 64-bit PAR. */
function translation(r: Random, c: Context): Event {
  // ATS12NSO of other Secure modes: QEMU 7.2 takes the Secure tables for it.
  // ATS1CU of Monitor mode, and of Secure modes with HCR.VM: QEMU 7.2 asks Non-secure state's tables or HCR.
  const confused = c.mode === MODES.mon || (c.secure && (c.hcr & 0x1001) !== 0);
  const all = c.secure && !reachesHyp(c) ? TRANSLATIONS.slice(0, 4) : [...TRANSLATIONS, ...HYP_TRANSLATIONS];
  const code = r.pick(all.filter((text) => !confused || !/p15, 0.* [23]$/.test(text)));
  return { name: 'address translation', code: [code, 'isb'], values: { DACR_ns: r.pick([0x15, 0x1d, 0x35]) } };
}

/** Reads of registers that the harness does not set to chance, from wherever the case is. */
const READ = [
  ...['p15, 0, R, c1, c0, 0', 'p15, 0, R, c1, c0, 2', 'p15, 0, R, c1, c1, 0', 'p15, 0, R, c1, c1, 1', 'p15, 0, R, c1, c1, 2'],
  ...['p15, 0, R, c2, c0, 0', 'p15, 0, R, c2, c0, 2', 'p15, 0, R, c3, c0, 0', 'p15, 0, R, c5, c0, 0', 'p15, 0, R, c6, c0, 2'],
  ...[
    'p15, 0, R, c10, c2, 0',
    'p15, 0, R, c12, c0, 0',
    'p15, 0, R, c12, c0, 1',
    'p15, 0, R, c12, c1, 0',
    'p15, 0, R, c12, c1, 0',
  ],
  ...['p15, 0, R, c13, c0, 0', 'p15, 0, R, c13, c0, 1', 'p15, 0, R, c0, c0, 0', 'p15, 0, R, c0, c0, 5', 'p15, 4, R, c0, c0, 0'],
  ...['p15, 4, R, c1, c0, 0', 'p15, 4, R, c1, c1, 0', 'p15, 4, R, c5, c2, 0', 'p15, 4, R, c6, c0, 4', 'p15, 4, R, c12, c0, 0'],
];
const readSystem = (r: Random, c: Context): Event =>
  event('mrc', `mrc ${r.pick(READ.filter((operands) => isPermitted(c, operands))).replace('R', 'r5')}`);

/** FMO and IMO where QEMU 7.2 lets them override the masks of Hyp mode, to which Monitor mode may return: for what goes to Monitor mode. */
export const ignoredInHyp = (mode: number, control: number): number =>
  mode === MODES.hyp || mode === MODES.mon ? (control & SCR.FIQ ? 1 << 3 : 0) | (control & SCR.IRQ ? 1 << 4 : 0) : 0;

function newHcr(r: Random, { hcr, mode, control, lines }: Context): number {
  const value = ((r.word() & HCR_EVENTS) | (hcr & ~HCR_EVENTS)) & ~ignoredInHyp(mode, control);
  return lines === 0 ? (value & ~0x1c0) | r.pick([0, 0, 0x40, 0x80, 0x100]) : value & ~0x1c0;
}

/** R10 (FIQ mode has its own) is what is written: values under which the vectors can still be reached. */
function writeSystem(r: Random, c: Context, base: Input, last = true): Event {
  const bank = c.control & SCR.NS ? '_ns' : '_s';
  const sctlr = ((base[`SCTLR${bank}`] as number) ^ (r.word() & 0x4000_0022)) & ~(1 << 13);
  const routes = c.scd ? SCR.SCD | SCR.FIQ | SCR.FW : 0;
  // Only Monitor mode may change NS without being torn from its own translation; what may follow depends on NS.
  const ns = c.mode === MODES.mon && last ? r.below(2) : c.control & 1;
  const hsctlr = (base['HSCTLR'] as number) ^ (r.word() & 0x4000_0022);
  const harmless = r.value();
  const writes: readonly (readonly [string, number])[] = [
    ['p15, 0, R, c1, c0, 0', sctlr],
    ['p15, 0, R, c1, c1, 0', (r.word() & 0x136) | routes | ns],
    ['p15, 4, R, c1, c1, 0', newHcr(r, c)],
    ['p15, 4, R, c1, c0, 0', hsctlr],
    ['p15, 0, R, c12, c0, 0', r.pick(c.blocks) | r.below(32)],
    ['p15, 4, R, c12, c0, 0', r.pick(c.blocks) | r.below(32)],
    ['p15, 0, R, c12, c0, 1', r.pick([MONITOR_BLOCK, OTHER_MONITOR_BLOCK]) | r.below(32)],
    ['p15, 0, R, c5, c0, 0', harmless & 0x3fff],
    ['p15, 0, R, c6, c0, 0', harmless],
    ['p15, 0, R, c6, c0, 2', harmless],
    ['p15, 0, R, c1, c0, 2', harmless & 0xf0_0000],
    ['p15, 0, R, c1, c1, 2', harmless & 0xc00],
    ['p15, 4, R, c6, c0, 0', harmless],
    ['p15, 4, R, c6, c0, 2', harmless],
    ['p15, 4, R, c6, c0, 4', harmless & ~15],
    ['p15, 4, R, c5, c2, 0', harmless],
    // NSACR = 0 makes TCP10 and TCP11 read-as-one in QEMU.
    ...(base['NSACR'] ? ([['p15, 4, R, c1, c1, 2', 0x3fff]] as const) : []),
    ['p15, 4, R, c1, c1, 1', (harmless & 0x100) | (base['HDCR'] as number)],
    ['p15, 0, R, c8, c7, 0', harmless],
    ['p15, 0, R, c8, c7, 1', harmless],
    ['p15, 0, R, c8, c7, 2', harmless],
    ['p15, 0, R, c8, c3, 3', harmless],
    ['p15, 4, R, c8, c7, 0', harmless],
    ['p15, 4, R, c8, c7, 4', harmless],
    ['p15, 4, R, c8, c3, 1', harmless],
  ];
  const [operands, value] = r.pick(writes.filter(([text]) => isPermitted(c, text)));
  return { name: 'mcr', code: [`mcr ${operands.replace('R', 'r10')}`, 'isb'], values: { r10: value, r10_fiq: value } };
}

const branch = (): Event => event('branch', 'bx r2');
const wait = (r: Random, { lines }: Context): Event => event('interrupt', lines === 0 ? 'nop' : r.pick(['nop', 'nop', 'wfi']));

/** Perhaps a write of a system register, then the event. */
export function events(r: Random, context: Context, base: Input): Event {
  const kinds: ((r: Random, c: Context, base: Input) => Event | undefined)[] = [
    access,
    access,
    access,
    call,
    call,
    exceptionReturn,
    exceptionReturn,
    status,
    banked,
    storeReturn,
    translation,
    translation,
    readSystem,
    writeSystem,
    branch,
    wait,
  ];
  const first = r.pick(kinds)(r, context, base) ?? wait(r, context);
  if (first.name === 'mcr' || first.code.length > 2 || r.once(2)) return first;
  const before = writeSystem(r, context, base, false);
  return { name: `mcr, ${first.name}`, code: [...before.code, ...first.code], values: { ...before.values, ...first.values } };
}
