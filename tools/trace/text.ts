/** Records as lines: time, core, who, what. They come in the order in which the simulator got there: cores take turns of 10 µs. */
import { hex } from '../../core/base/bits.ts';
import { callText, type Names } from './names.ts';
import type { Access, Detail, Record } from './record.ts';

export function recordLine(record: Record, names: Names): string {
  const { who, what, text } = columns(record, names);
  return `${record.at} ns ${who} ${what} ${text}`.trimEnd();
}

interface Columns {
  readonly who: string;
  readonly what: string;
  readonly text: string;
}

function columns(record: Record, names: Names): Columns {
  switch (record.kind) {
    case 'window':
      return { who: `core${record.core}`, what: 'window', text: record.who === undefined ? 'ends' : names.who(record.who) };
    case 'exit':
      return { who: names.who(record.who), what: 'exit', text: exitText(record) };
    case 'resume':
      return { who: names.who(record.who), what: 'resume', text: '' };
    case 'interrupt': {
      const { interrupt, step, messages } = record;
      const brought = messages.length === 0 ? '' : `, message ${messages.join(' ')}`;
      const text = `${interrupt.id} (${names.interrupt(interrupt)}) ${step}${brought}`;
      return { who: owner(interrupt, names), what: 'interrupt', text };
    }
    case 'message': {
      const { number, channel, from, to } = record;
      const text = `${number} on ${channel} to ${names.partitions[to.partition]}, interrupt ${to.id}`;
      return { who: names.who(from), what: 'message', text };
    }
    case 'lost':
      return { who: owner(record.to, names), what: 'message', text: `${record.number} not received` };
    case 'mmio':
      return { who: names.who(record.who), what: 'mmio', text: accessText(record.access) };
    case 'note':
      return { who: names.partitions[record.partition] ?? '', what: record.what, text: record.text };
  }
}

const owner = (interrupt: { readonly partition: number; readonly vcpu: number }, names: Names): string =>
  interrupt.vcpu < 0 ? (names.partitions[interrupt.partition] ?? '') : names.who(interrupt);

function exitText({ cause, pc, detail, messages, core }: Record & { readonly kind: 'exit' }): string {
  const sent = messages.length === 0 ? '' : `, message ${messages.join(' ')}`;
  return `${cause} at ${hex(pc)} on core${core}${detailText(detail)}${sent}`;
}

function detailText(detail: Detail | undefined): string {
  if (detail === undefined) return '';
  if (detail.kind === 'access') return `: ${accessText(detail)}`;
  const { name, args, result } = callText(detail.id, detail.args, detail.results);
  return `: ${name}(${args.map(([arg, value]) => `${arg} = ${hex(value)}`).join(', ')}) = ${result}`;
}

const accessText = ({ device, address, width, write, value }: Access): string =>
  `${write ? 'write' : 'read'} of ${width} at ${hex(address)} (${device}): ${hex(value >>> 0, 2 * width)}`;
