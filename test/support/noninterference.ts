/** What control and telemetry did while something else ran beside them, as plain data that can be compared with what they do alone. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as S from '../../core/cpu/scalars.ts';
import type { Cpu } from '../../core/cpu/state.ts';
import type { HealthLog } from '../../core/hyp/health.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { consoleOf, memoryOf, reportOf, startDemo, type Variant } from './demo.ts';

/** A partition, as far as others must not be able to change it. */
export interface Seen {
  readonly console: string;
  readonly instructions: number;
  /** Each exit to the hypervisor, with the virtual time of it. */
  readonly exits: readonly string[];
  readonly faultCount: number;
  /** Digests of the pages that hold anything, by their number. */
  readonly ram: Readonly<Record<number, string>>;
  readonly channel: Readonly<Record<number, string>>;
  readonly processor: unknown;
}

export interface Observation {
  readonly control: Seen;
  readonly telemetry: Seen;
  /** Frames that control wrote, those that telemetry took, and those that it found bad. */
  readonly frames: { readonly written: number; readonly taken: number; readonly bad: number };
  /** How much of the host the third partition got hold of. */
  readonly held: { readonly faults: number; readonly strays: number; readonly console: number; readonly parts: number };
}

/** Address of a symbol of an ELF file's symbol table. */
function symbol(elf: Uint8Array, name: string): number {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  const word = (at: number) => view.getUint32(at, true);
  const sections = Array.from({ length: view.getUint16(48, true) }, (_, i) => word(32) + 40 * i);
  const table = sections.find((at) => word(at + 4) === 2);
  if (table === undefined) throw new Error('the ELF file has no symbols');
  const names = word((sections[word(table + 24)] as number) + 16);
  for (let at = word(table + 16); at < word(table + 16) + word(table + 20); at += 16) {
    const start = names + word(at);
    if (new TextDecoder().decode(elf.subarray(start, elf.indexOf(0, start))) === name) return word(at + 4);
  }
  throw new Error(`the ELF file has no symbol ${name}`);
}

const telemetry = readFileSync('guests/telemetry/telemetry.elf');
const [FRAMES, BAD] = ['frames', 'bad'].map((name) => symbol(telemetry, name) - 0x40000000) as [number, number];
const RING_WRITTEN = 24;

const word = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);

/** All registers but one: SEV sets the event register of every processor (DDI 0406C B1.8.13), and no hypervisor can trap it. */
function registersOf(cpu: Cpu | undefined) {
  const saved = cpu?.save();
  const s = saved?.['s'] as Int32Array | undefined;
  if (s !== undefined) s[S.EVENT] = 0;
  return saved;
}

const PAGE = 4096;

function pages(bytes: Uint8Array): Record<number, string> {
  const found: Record<number, string> = {};
  for (let at = 0; at < bytes.length; at += PAGE) {
    const page = bytes.subarray(at, at + PAGE);
    if (page.some((byte) => byte !== 0)) found[at / PAGE] = createHash('sha256').update(page).digest('hex');
  }
  return found;
}

/** Writes down when the partition of a log leaves to the hypervisor: what it can tell of the time. */
function recordExits(log: HealthLog, machine: Machine): string[] {
  const exits: string[] = [];
  const count = log.exit.bind(log);
  log.exit = (cause) => {
    exits.push(`${cause} at ${machine.clock.now()}`);
    count(cause);
  };
  return exits;
}

/** Runs the variant up to each of the virtual times, and looks at it there. */
export function observe(variant: Variant, times: readonly number[]): Observation[] {
  const system = startDemo(variant);
  const { machine, hypervisor } = system;
  const exits = new Map(hypervisor.partitions.map((partition) => [partition.config.name, recordExits(partition.log, machine)]));
  const ramOf = (name: string) => memoryOf(system, name)[0] as Uint8Array;
  const channelOf = (name: string) => memoryOf(system, name, 'channel')[0] as Uint8Array;
  const seen = (name: string): Seen => {
    const { instructions, faultCount } = reportOf(system, name);
    const [ram, channel] = [pages(ramOf(name)), pages(channelOf(name))];
    const vcpus = hypervisor.partitions.find(({ config }) => config.name === name)?.vcpus ?? [];
    const processor = vcpus.map((vcpu) => ({ ...vcpu.save(), core: registersOf(machine.cpus[vcpu.core]) }));
    return {
      console: consoleOf(system, name),
      instructions,
      exits: [...(exits.get(name) ?? [])],
      faultCount,
      ram,
      channel,
      processor,
    };
  };
  return times.map((time) => {
    machine.run(time);
    const [control, other] = [seen('control'), seen('telemetry')];
    const third = hypervisor.report()[2];
    const mine = ramOf('telemetry');
    const frames = { written: word(channelOf('control'), RING_WRITTEN), taken: word(mine, FRAMES), bad: word(mine, BAD) };
    const held = {
      faults: third?.faults.length ?? 0,
      strays: machine.strays.size,
      console: consoleOf(system, 'rogue').length,
      parts: machine.parts.length,
    };
    return { control, telemetry: other, frames, held };
  });
}
