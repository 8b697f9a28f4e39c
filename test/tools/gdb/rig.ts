/** A session of the gdb server without sockets, on the demo system, and packets as a client would write them. */
import { Debugger } from '../../../core/machine/debug/debugger.ts';
import type { System } from '../../../core/machine/system/system.ts';
import { packet } from '../../../tools/gdb/packets.ts';
import { GdbSession } from '../../../tools/gdb/session.ts';
import { startFile } from '../../support/demo.ts';

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** What is in the packets of an answer. */
export const dataOf = (text: string): string[] => [...text.matchAll(/\$([^#]*)#[0-9a-f]{2}/g)].map(([, data = '']) => data);

export class Rig {
  readonly system: System;
  readonly debug: Debugger;
  session: GdbSession;
  sent = '';
  running = false;
  killed = false;

  constructor(end = 200_000) {
    this.system = startFile('demo.dts');
    this.end = end;
    this.debug = new Debugger(this.system.machine, this.system.hypervisor.partitions);
    this.session = this.connect();
  }

  readonly end: number;

  connect(): GdbSession {
    this.session = new GdbSession(this.debug, {
      send: (text) => {
        this.sent += text;
      },
      resumed: () => {
        this.running = true;
      },
      kill: () => {
        this.killed = true;
      },
    });
    return this.session;
  }

  /** Raw bytes, and all that came back. */
  raw(bytes: Uint8Array): string {
    this.sent = '';
    this.session.receive(bytes);
    return this.sent;
  }

  /** A command, and what the packets of the answer say; if it lets the machine run, when that has stopped. */
  ask(command: string): string {
    this.running = false;
    this.raw(bytesOf(packet(command)));
    if (this.running) this.run();
    return dataOf(this.sent).at(-1) ?? '';
  }

  /** A `monitor` command's lines. */
  monitor(line: string): string {
    this.ask(`qRcmd,${Buffer.from(line).toString('hex')}`);
    const texts = dataOf(this.sent).filter((data) => data.startsWith('O') && data !== 'OK');
    return texts.map((data) => Buffer.from(data.slice(1), 'hex').toString()).join('');
  }

  run(): void {
    if (this.system.machine.run(this.end) === 'paused') this.session.stopped();
    else this.session.ended(0);
  }
}
