/** The demo system under a debugger, for tests that bundle it. */
import * as S from '../../core/cpu/scalars.ts';
import { Debugger } from '../../core/machine/debug/debugger.ts';
import type { Stop } from '../../core/machine/debug/halt.ts';
import { REGISTERS } from '../../core/machine/debug/register-names.ts';
import type { Space, Thread } from '../../core/machine/debug/threads.ts';
import type { System } from '../../core/machine/system/system.ts';
import { startOn } from './jit-demo.ts';

export { REGISTERS, S };

export class DebuggedDemo {
  readonly system: System;
  readonly debug: Debugger;
  readonly end: number;

  constructor(engine: 'interpreter' | 'jit', end: number) {
    this.system = startOn(engine);
    this.end = end;
    this.debug = new Debugger(this.system.machine, this.system.hypervisor.partitions);
    this.debug.attach();
  }

  space(name: string): Space {
    const found = this.debug.spaces.find((space) => space.name === name);
    if (found === undefined) throw new Error(`no space ${name}`);
    return found;
  }

  thread(name: string, id = 1): Thread {
    return this.space(name).threads[id - 1] as Thread;
  }

  /** Goes on to the next stop; undefined at the end. */
  go(): Stop | undefined {
    this.debug.resume();
    this.system.machine.run(this.end);
    return this.debug.stop;
  }

  step(thread: Thread, range?: { readonly start: number; readonly end: number }): Stop | undefined {
    this.debug.resume([range === undefined ? { thread } : { thread, range }]);
    this.system.machine.run(this.end);
    return this.debug.stop;
  }

  read(thread: Thread, name: string): number {
    return (this.debug.registers(thread).read(name)?.[0] ?? 0) >>> 0;
  }

  /** Everything that can be looked at, looked at. */
  lookAtAll(): number {
    let seen = 0;
    for (const thread of this.debug.spaces.flatMap(({ threads }) => threads)) {
      const registers = this.debug.registers(thread);
      for (const { name } of REGISTERS) seen += registers.read(name)?.length ?? 0;
      for (const at of [0, registers.pc, this.read(thread, 'sp'), 0x1c090000, 0x2c001000, 0x50000000, 0xfffffff0]) {
        seen += this.debug.memory.read(thread, at, 64).length;
      }
      this.debug.describe(thread);
    }
    return seen;
  }
}

const hashes = new Map<string, string>();

/** The state hash of a run that nobody looks at. */
export function undisturbed(engine: 'interpreter' | 'jit', end: number): string {
  const known = hashes.get(`${engine} ${end}`);
  if (known !== undefined) return known;
  const { machine } = startOn(engine);
  machine.run(end);
  hashes.set(`${engine} ${end}`, machine.stateHash());
  return machine.stateHash();
}
