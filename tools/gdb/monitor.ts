/** `monitor` commands of gdb: what only a simulator can tell. */
import type { Access, Watchpoint } from '../../core/machine/debug/breakpoints.ts';
import { explainAddress, physicalInterrupts, stage2Map, virtualInterrupts } from '../../core/machine/debug/inspect.ts';
import type { Space } from '../../core/machine/debug/threads.ts';
import type { Client } from './client.ts';
import { fromHex, toHex } from './packets.ts';

interface Verb {
  readonly usage: string;
  readonly help: string;
  readonly run: (client: Client, args: readonly string[]) => readonly string[] | undefined;
}

/** Decimal, or hexadecimal with 0x. */
function number(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:0x[0-9a-f]{1,10}|\d{1,12})$/i.test(text) ? Number(text) : undefined;
}

/** The space that is named, by its name or number, or that of the current thread. */
const spaceOf = ({ debug, thread }: Client, name: string | undefined): Space | undefined =>
  name === undefined ? thread.space : debug.spaces.find((space) => space.name === name || String(space.id) === name);

const ACCESSES: Readonly<Record<string, Access>> = { r: 'read', w: 'write', rw: 'access' };
const LONGEST = 4096;

function watchpoint(client: Client, [by, at, size, access = 'w']: readonly string[]): Watchpoint | undefined {
  const [address, length, kind] = [number(at), number(size), ACCESSES[access]];
  if ((by !== 'va' && by !== 'ipa' && by !== 'pa') || address === undefined || kind === undefined) return undefined;
  if (length === undefined || length < 1) return undefined;
  const space = by === 'pa' ? client.debug.spaces[0] : client.thread.space;
  return space && { by, space, address, length, access: kind };
}

const describeWatch = ({ by, space, address, length, access }: Watchpoint): string =>
  `${by} 0x${address.toString(16)} length ${length} ${access} in ${space.name}`;

function translate(client: Client, [address]: readonly string[]): readonly string[] | undefined {
  const va = number(address);
  if (va === undefined || va > 0xffffffff) return undefined;
  return explainAddress(client.debug.machine, va, client.debug.memory.find(client.thread, va));
}

function maps(client: Client, [name]: readonly string[]): readonly string[] {
  const space = spaceOf(client, name);
  const chosen = space?.partition === undefined ? client.debug.spaces : [space];
  if (space === undefined) return [`there is no partition ${name}`];
  const lines = chosen.flatMap(({ partition }) =>
    partition === undefined ? [] : stage2Map(client.debug.machine, client.debug.memory, partition),
  );
  return lines.length > 0 ? lines : ['there are no partitions'];
}

function interrupts(client: Client, [name]: readonly string[]): readonly string[] {
  const space = spaceOf(client, name);
  if (space === undefined) return [`there is no partition ${name}`];
  return space.partition === undefined ? physicalInterrupts(client.debug.machine) : virtualInterrupts(space.partition);
}

function read({ debug, thread }: Client, [by, at, size]: readonly string[]): readonly string[] | undefined {
  const [address, length] = [number(at), number(size)];
  if (address === undefined || length === undefined || length < 1 || length > LONGEST) return undefined;
  const { partition } = thread.space;
  if (by === 'ipa' && partition === undefined)
    return ['the machine has no intermediate addresses: choose a partition with "inferior"'];
  if (by !== 'pa' && (by !== 'ipa' || partition === undefined)) return undefined;
  const bytes =
    partition !== undefined && by === 'ipa'
      ? debug.memory.readIntermediate(partition, address, length)
      : debug.memory.readPhysical(address, length);
  if (bytes.length === 0) return ['there is no memory'];
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const part = bytes.subarray(16 * row, 16 * row + 16);
    return `0x${(address + 16 * row).toString(16)}: ${toHex(part).replace(/(.{8})(?=.)/g, '$1 ')}`;
  });
}

function write({ debug }: Client, [by, at, digits]: readonly string[]): readonly string[] | undefined {
  const [address, bytes] = [number(at), fromHex(digits ?? '')];
  if (by !== 'pa' || address === undefined || bytes === undefined || bytes.length === 0) return undefined;
  return debug.memory.writePhysical(address, bytes) ? [] : ['there is no memory that can be written'];
}

const VERBS: Readonly<Record<string, Verb>> = {
  help: { usage: 'help', help: 'this', run: () => help() },
  threads: {
    usage: 'threads',
    help: 'what every core and virtual processor does',
    run: ({ debug }) =>
      debug.spaces.flatMap(({ id, name, threads }) => [
        `${id} ${name}`,
        ...threads.map((thread) => `  ${id}.${thread.id} ${debug.describe(thread)}`),
      ]),
  },
  translate: { usage: 'translate ADDRESS', help: 'a virtual address of the current thread, through both stages', run: translate },
  maps: { usage: 'maps [PARTITION]', help: 'stage 2 of a partition, or of all', run: maps },
  interrupts: {
    usage: 'interrupts [PARTITION]',
    help: 'pending and active ones: virtual, or of the machine if that is the current inferior',
    run: interrupts,
  },
  watch: {
    usage: 'watch va|ipa|pa ADDRESS LENGTH [r|w|rw]',
    help: 'stop before such an access; ipa of the current partition, pa by anyone',
    run: (client, args) => {
      const made = watchpoint(client, args);
      if (made?.by === 'ipa' && made.space.partition === undefined) return ['the machine has no intermediate addresses'];
      if (made !== undefined) client.debug.addWatchpoint(made);
      return made && [];
    },
  },
  unwatch: {
    usage: 'unwatch all | va|ipa|pa ADDRESS LENGTH [r|w|rw]',
    help: 'forget it',
    run: (client, args) => {
      const { debug } = client;
      const one = watchpoint(client, args);
      if (args[0] !== 'all') return one && (debug.removeWatchpoint(one) ? [] : ['there is no such watchpoint']);
      for (const known of debug.watchpoints) debug.removeWatchpoint(known);
      return [];
    },
  },
  watches: { usage: 'watches', help: 'all watchpoints', run: ({ debug }) => debug.watchpoints.map(describeWatch) },
  read: { usage: 'read pa|ipa ADDRESS LENGTH', help: 'bytes of memory', run: read },
  write: {
    usage: 'write pa ADDRESS BYTES',
    help: 'bytes as hexadecimal digits; the run is another one from then on',
    run: write,
  },
  time: {
    usage: 'time',
    help: 'virtual time and instructions',
    run: ({ debug: { machine } }) => [
      `${machine.clock.now()} ns`,
      ...machine.cpus.map(({ index }) => `core ${index}: ${machine.loop.retired(index)} instructions`),
    ],
  },
  hash: { usage: 'hash', help: 'the state hash', run: ({ debug: { machine } }) => [machine.stateHash()] },
};

function help(): string[] {
  const width = Math.max(...Object.values(VERBS).map(({ usage }) => usage.length));
  return Object.values(VERBS).map(({ usage, help: text }) => `${usage.padEnd(width)}  ${text}`);
}

/** The answer to a command, in whole lines. */
export function monitor(client: Client, line: string): string {
  const [name = '', ...args] = line.trim().split(/\s+/);
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) return `there is no command "${name}"; "monitor help" lists them\n`;
  const lines = verb.run(client, args) ?? [`usage: monitor ${verb.usage}`];
  return lines.map((text) => `${text}\n`).join('');
}
