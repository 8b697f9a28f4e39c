import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { type Answer, Semihosting, type SemihostingFiles, WAIT } from '../../../core/devices/semihosting.ts';
import { FolderFiles } from '../../../tools/cli/semihosting-files.ts';
import { have } from '../../support/oracles.ts';
import { callInQemu, MEMORY, type SemihostingCall } from '../../support/qemu-semihosting.ts';

const SYS = {
  OPEN: 0x01,
  CLOSE: 0x02,
  WRITEC: 0x03,
  WRITE0: 0x04,
  WRITE: 0x05,
  READ: 0x06,
  READC: 0x07,
  ISERROR: 0x08,
  ISTTY: 0x09,
  SEEK: 0x0a,
  FLEN: 0x0c,
  TMPNAM: 0x0d,
  REMOVE: 0x0e,
  RENAME: 0x0f,
  CLOCK: 0x10,
  TIME: 0x11,
  SYSTEM: 0x12,
  ERRNO: 0x13,
  GET_CMDLINE: 0x15,
  HEAPINFO: 0x16,
  EXIT: 0x18,
  EXIT_EXTENDED: 0x20,
  ELAPSED: 0x30,
  TICKFREQ: 0x31,
} as const;

const SIZE = 0x4000;
const NOWHERE = 0xf000_0000;

/** A guest's memory at MEMORY, and a script of calls whose strings and blocks are laid out in it. */
class Script {
  readonly memory = new Uint8Array(SIZE);
  readonly calls: SemihostingCall[] = [];
  readonly names: string[] = [];
  #at = 0;

  text(text: string): number {
    const at = this.space(text.length + 1);
    for (let i = 0; i < text.length; i++) this.memory[at - MEMORY + i] = text.charCodeAt(i);
    return at;
  }

  space(bytes: number): number {
    const at = this.#at;
    this.#at += (bytes + 7) & ~7;
    return MEMORY + at;
  }

  block(...words: number[]): number {
    const at = this.space(4 * words.length);
    for (const [i, word] of words.entries()) new DataView(this.memory.buffer).setUint32(at - MEMORY + 4 * i, word, true);
    return at;
  }

  call(operation: keyof typeof SYS, ...block: number[]): this {
    return this.direct(operation, this.block(...block));
  }

  direct(operation: keyof typeof SYS, parameter: number): this {
    this.calls.push({ operation: SYS[operation], parameter });
    this.names.push(`${this.calls.length - 1} SYS_${operation}`);
    return this;
  }

  open(name: string, mode: number, length = name.length): this {
    return this.call('OPEN', this.text(name), mode, length);
  }

  errno(): this {
    return this.direct('ERRNO', 0);
  }
}

function host(
  options: {
    files?: SemihostingFiles;
    typed?: string;
    commandLine?: string;
    heap?: readonly [number, number, number, number];
  } = {},
) {
  const { files, typed = '', ...rest } = options;
  const seen = { output: '', input: [...typed].map((c) => c.charCodeAt(0)) };
  const console = {
    next: () => seen.input.shift(),
    put: (byte: number) => {
      seen.output += String.fromCharCode(byte);
    },
  };
  const clock = new VirtualClock();
  const make = () => new Semihosting(files === undefined ? { console } : { console, files }, clock, { date: 1_000_000, ...rest });
  return { seen, clock, make, service: make() };
}

function guestMemory(bytes: Uint8Array) {
  const inside = (address: number, length: number) => address >= MEMORY && address + length <= MEMORY + bytes.length;
  return {
    read: (address: number, length: number) =>
      inside(address, length) ? bytes.slice(address - MEMORY, address - MEMORY + length) : undefined,
    write: (address: number, from: Uint8Array) => {
      if (inside(address, from.length)) bytes.set(from, address - MEMORY);
      return inside(address, from.length);
    },
  };
}

function run(service: Semihosting, script: Script): Answer[] {
  const memory = guestMemory(script.memory);
  return script.calls.map(({ operation, parameter }) => {
    const answer = service.handle(operation, parameter, memory);
    return typeof answer === 'number' ? answer >>> 0 : answer;
  });
}

function inFolder<T>(use: (files: FolderFiles) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'semihosting-'));
  try {
    return use(new FolderFiles(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MINUS_1 = 0xffffffff;

describe('semihosting', () => {
  it('prints to the console by every way there is', () => {
    const { service, seen } = host();
    const script = new Script();
    const line = script.text('hello\n');
    script.open(':tt', 4).direct('WRITEC', line).direct('WRITE0', line).call('WRITE', 1, line, 3).call('ISTTY', 1);
    expect(run(service, script).slice(-2)).toEqual([0, 1]);
    expect(seen.output).toBe('hhello\nhel');
  });

  it('prints a string up to the end of readable memory', () => {
    const { service, seen } = host();
    const script = new Script();
    script.memory.fill(0x2e, SIZE - 100);
    run(service, script.direct('WRITE0', MEMORY + SIZE - 100));
    expect(seen.output.length).toBe(100);
  });

  it('waits for input, and gives a line at a time', () => {
    const { service, seen } = host();
    const script = new Script();
    const buffer = script.space(16);
    script.open(':tt', 0).direct('READC', 0).call('READ', 1, buffer, 16);
    expect(run(service, script)).toEqual([1, WAIT, WAIT]);
    seen.input.push(...[...'ab\ncd'].map((c) => c.charCodeAt(0)));
    const again = script.calls
      .slice(1)
      .map(({ operation, parameter }) => service.handle(operation, parameter, guestMemory(script.memory)));
    expect(again).toEqual([0x61, 14]);
    expect(String.fromCharCode(...script.memory.slice(buffer - MEMORY, buffer - MEMORY + 2))).toBe('b\n');
    expect(seen.input.length).toBe(2);
  });

  it('takes no input that it cannot store', () => {
    const { service, seen } = host({ typed: 'x' });
    expect(run(service, new Script().open(':tt', 0).call('READ', 1, NOWHERE, 4))).toEqual([1, 4]);
    expect(seen.input.length).toBe(1);
  });

  it('tells virtual time in centiseconds, seconds and nanoseconds', () => {
    const { service, clock } = host();
    clock.advance(5_000_000_123);
    const script = new Script();
    const ticks = script.space(8);
    script.direct('CLOCK', 0).direct('TIME', 0).direct('TICKFREQ', 0).direct('ELAPSED', ticks);
    expect(run(service, script)).toEqual([500, 1_000_005, 1e9, 0]);
    expect(new DataView(script.memory.buffer).getBigUint64(ticks - MEMORY, true)).toBe(5_000_000_123n);
  });

  it('ends the program: 0 for ADP_Stopped_ApplicationExit, its own code with the extended call, else 1', () => {
    const { service } = host();
    const script = new Script()
      .direct('EXIT', 0x20026)
      .direct('EXIT', 0x20023)
      .call('EXIT_EXTENDED', 0x20026, 42)
      .call('EXIT_EXTENDED', 0x20024, 42);
    expect(run(service, script)).toEqual([{ exit: 0 }, { exit: 1 }, { exit: 42 }, { exit: 1 }]);
  });

  it('runs no host commands and has no files unless it is given some', () => {
    const { service } = host();
    const script = new Script();
    script
      .call('SYSTEM', script.text('true'), 4)
      .open('a', 4)
      .call('REMOVE', script.text('a'), 1)
      .call('RENAME', script.text('a'), 1, script.text('b'), 1);
    expect(run(service, script)).toEqual([MINUS_1, MINUS_1, MINUS_1, MINUS_1]);
  });

  it('survives parameters that point nowhere and operations that do not exist', () => {
    const { service } = host();
    const memory = guestMemory(new Uint8Array(SIZE));
    for (let operation = 0; operation < 0x120; operation++) {
      for (const parameter of [NOWHERE, 0xffffffff, MEMORY + SIZE - 2]) {
        expect(['number', 'object', 'string']).toContain(typeof service.handle(operation, parameter, memory));
      }
    }
    expect(service.handle(0x19, 0, memory)).toBe(-1);
  });

  it('refuses to keep more than 63 handles', () => {
    const { service } = host();
    const script = new Script();
    for (let i = 0; i < 64; i++) script.open(':tt', 4);
    expect(run(service, script.errno()).slice(-3)).toEqual([63, MINUS_1, 24]);
  });

  it('goes on with its open files after a snapshot, and resets to none', () => {
    inFolder((files) => {
      const { service, make } = host({ files });
      const start = new Script();
      run(service, start.open('f', 6).call('WRITE', 1, start.text('0123456789'), 10).call('SEEK', 1, 4).open(':tt', 4));
      const other = make();
      other.load(service.save());
      expect(other.save()).toEqual(service.save());
      const rest = new Script();
      const buffer = rest.space(8);
      expect(run(other, rest.call('READ', 1, buffer, 3).call('FLEN', 1).call('ISTTY', 2))).toEqual([0, 10, 1]);
      expect(String.fromCharCode(...rest.memory.slice(0, 3))).toBe('456');
      other.reset();
      expect(other.save()).toEqual(host().service.save());
    });
  });

  it('appends in mode a, wherever the position is', () => {
    inFolder((files) => {
      const script = new Script();
      const line = script.text('abcdef');
      const buffer = script.space(16);
      script
        .open('f', 4)
        .call('WRITE', 1, line, 3)
        .call('CLOSE', 1)
        .open('f', 10)
        .call('SEEK', 1, 0)
        .call('WRITE', 1, line + 3, 3);
      script.call('SEEK', 1, 0).call('READ', 1, buffer, 16);
      expect(run(host({ files }).service, script).at(-1)).toBe(10);
      expect(String.fromCharCode(...script.memory.slice(buffer - MEMORY, buffer - MEMORY + 6))).toBe('abcdef');
    });
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('answers files, errors and the rest as QEMU does', () => {
    const script = everything();
    const typed = { arguments: 'prog' } as const;
    const theirs = callInQemu(script.calls, script.memory.slice(), typed);
    inFolder((files) => {
      const { service, seen } = host({ files, commandLine: 'prog' });
      const ours = run(service, script);
      const named = (values: readonly Answer[]) => values.map((value, i) => `${script.names[i]} ${value.toString(16)}`);
      expect(named(ours)).toEqual(named(theirs.results));
      expect(seen.output).toBe(theirs.output);
      expect(Buffer.from(script.memory).equals(Buffer.from(theirs.memory))).toBe(true);
    });
  });
});

/**
 * Leaves out what differs on purpose or by the host: console input and ISTTY, TMPNAM's name, HEAPINFO, time, SYSTEM,
 * folders opened as files, and writing in append mode, which QEMU 7.2 does at the position.
 */
function everything(): Script {
  const script = new Script();
  const buffer = script.space(256);
  const line = script.text('Hello, files');
  for (const mode of [0, 4, 8, 12]) script.open(':tt', mode).errno();
  script.open(':semihosting-features', 0).open(':semihosting-features', 4).errno();
  script.call('READ', 4, buffer, 8).call('FLEN', 4).call('SEEK', 4, 1).call('ISTTY', 4);
  script.open('nofile', 0).errno().open('sub/file', 4).errno().open('new.txt', 6);
  script
    .call('WRITE', 5, line, 12)
    .call('SEEK', 5, 7)
    .call('READ', 5, buffer, 64)
    .call('READ', 5, buffer, 64)
    .call('FLEN', 5)
    .call('ISTTY', 5);
  script
    .call('SEEK', 5, 100)
    .call('READ', 5, buffer, 4)
    .call('WRITE', 5, line, 2)
    .call('FLEN', 5)
    .call('CLOSE', 5)
    .call('CLOSE', 5)
    .errno();
  for (const operation of ['FLEN', 'ISTTY', 'READ', 'WRITE', 'SEEK'] as const) script.call(operation, 5, buffer, 4).errno();
  script
    .open('new.txt', 8)
    .call('READ', 5, buffer, 4)
    .errno()
    .call('CLOSE', 5)
    .open('new.txt', 10)
    .call('READ', 5, buffer, 40)
    .call('CLOSE', 5);
  script
    .open('new.txt', 0)
    .call('WRITE', 5, line, 3)
    .errno()
    .call('FLEN', 5)
    .call('READ', 5, buffer, 5)
    .call('READ', 5, buffer + 5, 5);
  script
    .open('new.txt', 2)
    .call('SEEK', 6, 3)
    .call('WRITE', 6, line, 2)
    .call('CLOSE', 6)
    .call('READ', 5, buffer, 200)
    .call('CLOSE', 5);
  script
    .open('new.txt', 5)
    .call('FLEN', 5)
    .call('CLOSE', 5)
    .open('', 0)
    .errno()
    .open('namelen', 0, 3)
    .errno()
    .call('OPEN', NOWHERE, 0, 3)
    .errno();
  const [old, fresh, none] = [script.text('new.txt'), script.text('b.txt'), script.text('zz')] as const;
  script
    .call('RENAME', old, 7, fresh, 5)
    .call('RENAME', none, 2, fresh, 5)
    .errno()
    .call('REMOVE', fresh, 5)
    .call('REMOVE', fresh, 5)
    .errno();
  script.call('WRITE', 2, line, 12).call('SEEK', 2, 0).errno().call('CLOSE', 2).call('CLOSE', 2);
  script.direct('WRITEC', line).direct('WRITE0', line).call('ISERROR', 0xffffffff).call('ISERROR', 0).call('ISERROR', 5);
  script
    .call('GET_CMDLINE', buffer, 64)
    .call('GET_CMDLINE', buffer, 3)
    .errno()
    .call('TMPNAM', buffer, 1, 3)
    .direct('TICKFREQ', 0);
  script.call('WRITE', 3, NOWHERE, 16).direct('OPEN', NOWHERE).errno();
  return script;
}
