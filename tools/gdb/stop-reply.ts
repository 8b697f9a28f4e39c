/** Why the machine stands still, as gdb is told. */

import type { Cause, Stop } from '../../core/machine/debug/halt.ts';
import { REGISTERS } from '../../core/machine/debug/register-names.ts';
import type { Client } from './client.ts';
import { registerHex } from './register-commands.ts';
import { threadId } from './thread-id.ts';

const SIGNAL = { interrupt: '02', trap: '05' } as const;
const WATCHES = { write: 'watch', read: 'rwatch', access: 'awatch' } as const;
/** Registers that every stop shows, so that gdb need not ask. */
const SHOWN = ['sp', 'lr', 'pc', 'cpsr'];

export function stopReply(client: Client, { thread, cause }: Stop): string {
  const signal = cause.kind === 'halt' || cause.kind === 'idle' ? SIGNAL.interrupt : SIGNAL.trap;
  const registers = REGISTERS.flatMap((register, number) =>
    SHOWN.includes(register.name) ? [`${number.toString(16)}:${registerHex(client, thread, register)};`] : [],
  );
  return `T${signal}${reason(client, cause)}thread:${threadId(thread, client.multiprocess)};core:${thread.core};${registers.join('')}`;
}

function reason({ reasons }: Client, cause: Cause): string {
  if (cause.kind === 'breakpoint') {
    const name = cause.by === 'software' ? 'swbreak' : 'hwbreak';
    return reasons.has(name) ? `${name}:;` : '';
  }
  if (cause.kind !== 'watchpoint' || cause.watchpoint.by !== 'va') return '';
  const { watchpoint, va } = cause;
  return `${WATCHES[watchpoint.access]}:${Math.max(va, watchpoint.address).toString(16)};`;
}

/** What gdb has no words for. */
export function remark({ cause }: Stop): string | undefined {
  if (cause.kind === 'idle') return 'Every core waits for an interrupt, and nothing can raise one any more.\n';
  if (cause.kind !== 'watchpoint' || cause.watchpoint.by === 'va') return undefined;
  const { watchpoint, va, size, write } = cause;
  const { by, address, length } = watchpoint;
  const what = `${write ? 'store' : 'load'} of ${size} byte${size === 1 ? '' : 's'} at VA 0x${va.toString(16)}`;
  return `Before a ${what}, watched as ${by} 0x${address.toString(16)} length ${length}.\n`;
}
