/** What MANAGE_STATUS and MANAGE_INSPECT write for a guest that manages others: records of little-endian words (`docs/management.md`). */
import { MODE } from '../cpu/modes.ts';
import { AT, contextOf, lrUser } from './context.ts';
import type { Banked } from './machine-registers.ts';
import type { Partition } from './partition.ts';
import type { Vcpu } from './vcpu.ts';

export const STATE = { RUNNING: 0, OFF: 1, STOPPED: 2, PAUSED: 3 } as const;
export const POLICY = { LOG: 0, RESTART: 1, STOP: 2 } as const;

/** Words of a status, in order; the name follows. A `_HIGH` is the upper half of the word before it. */
export const STATUS_WORDS = [
  'state',
  'vcpus',
  'restarts',
  'faults',
  'exits',
  'exits_high',
  'ran_ns',
  'ran_ns_high',
  'policy',
  'recoveries',
  'max_restarts',
  'last_fault_pc',
] as const;
export const NAME_BYTES = 32;
export const STATUS_BYTES = 4 * STATUS_WORDS.length + NAME_BYTES;

/** Words of a virtual processor's registers, in order. SP and LR are those of the mode that it is in. */
export const INSPECT_WORDS = [
  ...(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12'] as const),
  'sp',
  'lr',
  'pc',
  'cpsr',
  'power',
  'waits',
  'sctlr',
  'ttbr0',
  'vbar',
  'dfsr',
  'dfar',
  'ifsr',
  'ifar',
] as const;
export const INSPECT_BYTES = 4 * INSPECT_WORDS.length;

const WORD = 0x1_0000_0000;

/** What stands in a status. Exits and time are those of all virtual processors. */
export function statusOf({ state, config, vcpus, log }: Partition): Uint8Array {
  const exits = Object.values(log.exits).reduce((sum, count) => sum + count, 0);
  const ran = vcpus.reduce((sum, vcpu) => sum + vcpu.ran, 0);
  const { onFault, maxRestarts } = config.health;
  const words: Record<(typeof STATUS_WORDS)[number], number> = {
    state: { running: STATE.RUNNING, off: STATE.OFF, stopped: STATE.STOPPED, paused: STATE.PAUSED }[state],
    vcpus: vcpus.length,
    restarts: log.restarts,
    faults: log.faultCount,
    exits: exits % WORD,
    exits_high: Math.floor(exits / WORD),
    ran_ns: ran % WORD,
    ran_ns_high: Math.floor(ran / WORD),
    policy: { log: POLICY.LOG, restart: POLICY.RESTART, stop: POLICY.STOP }[onFault],
    recoveries: log.recoveries,
    max_restarts: maxRestarts,
    last_fault_pc: log.faults.at(-1)?.pc ?? 0,
  };
  const bytes = wordsOf(
    STATUS_WORDS.map((name) => words[name]),
    STATUS_BYTES,
  );
  for (let i = 0; i < Math.min(config.name.length, NAME_BYTES - 1); i++)
    bytes[4 * STATUS_WORDS.length + i] = config.name.charCodeAt(i) & 0x7f;
  return bytes;
}

const POWER = { off: 0, starting: 1, on: 2 } as const;

/** SP, LR of each mode; of System mode, which is not here, those of User mode. */
const BANKS: Readonly<Record<number, readonly [Banked, Banked]>> = {
  [MODE.svc]: ['SP_svc', 'LR_svc'],
  [MODE.abt]: ['SP_abt', 'LR_abt'],
  [MODE.und]: ['SP_und', 'LR_und'],
  [MODE.irq]: ['SP_irq', 'LR_irq'],
  [MODE.fiq]: ['SP_fiq', 'LR_fiq'],
};
const HIGH: readonly Banked[] = ['R8_fiq', 'R9_fiq', 'R10_fiq', 'R11_fiq', 'R12_fiq'];

/** The registers of a virtual processor that has no core. */
export function inspect({ context, power, blocked }: Vcpu): Uint8Array {
  const cpsr = context[AT.SPSR_hyp] as number;
  const mode = cpsr & 0x1f;
  const [sp, lr] = BANKS[mode] ?? [];
  const general = Array.from(context.subarray(0, 13));
  if (mode === MODE.fiq) for (const [i, name] of HIGH.entries()) general[8 + i] = contextOf(context, name);
  const words = [
    ...general,
    contextOf(context, sp ?? 'SP_usr'),
    lr === undefined ? lrUser(context) : contextOf(context, lr),
    context[AT.ELR_hyp] as number,
    cpsr,
    POWER[power],
    Number(blocked),
    context[AT.SCTLR] as number,
    context[AT.TTBR0] as number,
    ...(['VBAR', 'DFSR', 'DFAR', 'IFSR', 'IFAR'] as const).map((name) => contextOf(context, name)),
  ];
  return wordsOf(words, INSPECT_BYTES);
}

function wordsOf(words: readonly number[], bytes: number): Uint8Array {
  const made = new Uint8Array(bytes);
  const view = new DataView(made.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word >>> 0, true);
  return made;
}
