import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Debugger } from '../../../core/machine/debug/debugger.ts';
import type { Space } from '../../../core/machine/debug/threads.ts';
import type { System } from '../../../core/machine/system/system.ts';
import { packet } from '../../../tools/gdb/packets.ts';
import { GdbServer } from '../../../tools/gdb/server.ts';
import { startFile } from '../../support/demo.ts';
import { dataOf } from './rig.ts';

/** A client with a socket of its own; one command at a time. */
class SocketClient {
  readonly socket: Socket;
  #received = '';

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1');
    });
  }

  async ask(command: string): Promise<string | undefined> {
    this.#received = '';
    this.socket.write(packet(command));
    while (dataOf(this.#received).length === 0) await once(this.socket, 'data');
    return dataOf(this.#received).at(-1);
  }
}

const connected = async (client: SocketClient): Promise<SocketClient> => {
  await once(client.socket, 'connect');
  return client;
};

describe('the gdb server and its clients', () => {
  let system: System;
  let debug: Debugger;
  let gdb: GdbServer;
  beforeEach(async () => {
    system = startFile('demo.dts');
    debug = new Debugger(system.machine, system.hypervisor.partitions);
    gdb = await GdbServer.listen(debug, { port: 0, wait: true });
  });
  afterEach(() => gdb.close());

  it('serves one after the other, and the run goes on between them', async () => {
    for (let visit = 0; visit < 3; visit++) {
      const client = new SocketClient(gdb.port);
      expect(await client.ask('?')).toMatch(/^T05thread:/);
      expect(debug.stop).toBeDefined();
      expect(await client.ask('Z0,40008000,4')).toBe('OK');
      // Politely, or not.
      if (visit === 1) expect(await client.ask('D')).toBe('OK');
      else client.socket.destroy();
      await gdb.ready();
      client.socket.destroy();
      expect(debug.attached).toBe(false);
      // The breakpoint has gone with the client.
      expect(debug.breakpoints.at(debug.spaces[0] as Space, 0x40008000)).toBeUndefined();
      expect(system.machine.run(system.machine.clock.now() + 1000)).toBe('limit');
    }
  });

  it('lets one wait that comes while another is there, and stops the machine for it', async () => {
    const first = new SocketClient(gdb.port);
    expect(await first.ask('vAttach;2')).toMatch(/^T05/);
    const second = await connected(new SocketClient(gdb.port));
    const answer = second.ask('?');
    expect(await first.ask('D;2')).toBe('OK');
    first.socket.destroy();
    expect(await answer).toMatch(/^T05/);
    expect(debug.stop?.cause.kind).toBe('halt');
    expect(await second.ask('D;1')).toBe('OK');
    await gdb.ready();
  });

  it('forgets one that has left before its turn, and turns a crowd away', async () => {
    const first = new SocketClient(gdb.port);
    await first.ask('?');
    const crowd = [1, 2, 3, 4].map(() => new SocketClient(gdb.port));
    await Promise.all(crowd.map(connected));
    const late = new SocketClient(gdb.port);
    await once(late.socket, 'close');
    for (const { socket } of crowd.slice(0, 3)) socket.resetAndDestroy();
    first.socket.destroy();
    expect(await crowd[3]?.ask('?')).toMatch(/^T05/);
  });
});
