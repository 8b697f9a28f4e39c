/** Semihosting on a bare machine: the calling core's memory, the first console, and the end of the run. */
import type { GuestMemory } from '../bus/guest-memory.ts';
import type { word } from '../cpu/insn.ts';
import * as S from '../cpu/scalars.ts';
import { type Cpu, WAIT as WAITING } from '../cpu/state.ts';
import { Semihosting, type SemihostingFiles, WAIT } from '../devices/semihosting.ts';
import { memoryRegions } from './board.ts';
import { Console } from './console.ts';
import type { Machine } from './machine.ts';

export interface SemihostingSetup {
  readonly files?: SemihostingFiles;
  readonly commandLine?: string;
}

/** Attaches the service to all cores. What programs print goes to the console "semihosting". */
export function attachSemihosting(machine: Machine, { files, commandLine = '' }: SemihostingSetup): void {
  const console = new Console('semihosting');
  machine.consoles.set(console.name, console);
  const ports = files === undefined ? { console } : { console, files };
  const service = new Semihosting(ports, machine.clock, { commandLine, date: machine.date, heap: freeMemory(machine) });
  machine.parts.push({ path: 'semihosting', device: service });
  const memory = new Map<Cpu, GuestMemory>(machine.cpus.map((cpu) => [cpu, callersMemory(cpu)]));
  for (const cpu of machine.cpus) {
    cpu.ports.semihosting = {
      call: () => {
        const answer = service.handle(
          (cpu.words[0] as number) >>> 0,
          (cpu.words[1] as number) >>> 0,
          memory.get(cpu) as GuestMemory,
        );
        if (typeof answer === 'number') cpu.words[0] = answer;
        else if (answer === WAIT) again(cpu);
        else machine.end({ kind: 'exit', code: answer.exit });
      },
    };
  }
  console.onInput(() => {
    for (const { s } of machine.cpus) {
      if (s[S.WAIT] !== WAITING.event) continue;
      s[S.WAIT] = WAITING.running;
      s[S.ATTENTION] = 1;
    }
  });
}

/** Heap base and limit, stack base and limit (SYS_HEAPINFO): the largest part of RAM that nothing was loaded to, for both, as in QEMU. */
function freeMemory(machine: Machine): readonly [number, number, number, number] {
  const [ram] = memoryRegions(machine.tree);
  if (ram === undefined) return [0, 0, 0, 0];
  const end = ram.address + ram.size;
  const taken = machine.loaded.filter(({ address, size }) => address < end && address + size > ram.address);
  const starts = [ram.address, ...taken.map(({ address, size }) => Math.ceil((address + size) / 8) * 8)];
  const gaps = starts.map((start) => ({
    start,
    // Nothing, for a start that lies within something else.
    limit: Math.min(end, ...taken.filter(({ address, size }) => address + size > start).map(({ address }) => address)),
  }));
  const { start, limit } = gaps.reduce((best, gap) => (gap.limit - gap.start > best.limit - best.start ? gap : best));
  return [start, limit, limit, start];
}

/** The call waits for input: the core sleeps, and makes the call again when it wakes. */
function again(cpu: Cpu): void {
  cpu.s[S.NEXT] = (cpu.words[15] as number) - (cpu.T ? 4 : 8);
  cpu.s[S.WAIT] = WAITING.event;
  cpu.s[S.ATTENTION] = 1;
}

/** Memory as the calling program sees it; what it may not access is refused, not faulted. */
function callersMemory(cpu: Cpu): GuestMemory {
  const attempt = <T>(access: () => T): T | undefined => {
    try {
      return access();
    } catch (exception) {
      if (exception instanceof Error) throw exception;
      return undefined;
    }
  };
  return {
    read: (address, length) =>
      attempt(() => {
        const bytes = new Uint8Array(length);
        for (let i = 0; i < length; i++) bytes[i] = cpu.mem.readU8(((address + i) | 0) as word);
        return bytes;
      }),
    write: (address, bytes) =>
      attempt(() => {
        bytes.forEach((byte, i) => {
          cpu.mem.writeU8(((address + i) | 0) as word, byte as word);
        });
        return true;
      }) ?? false,
  };
}
