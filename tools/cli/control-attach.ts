/** The terminal on a console of a simulation that runs elsewhere. */

import type { Client } from './control-client.ts';
import { STATUS } from './usage.ts';

const CTRL_A = 0x01;
const LEAVE = [0x78, 0x58];
/** Milliseconds after the end of the input for what it brought about to come out. */
const LINGER_MS = 300;

/** Until ctrl-A X, the end of the input or of the simulation. */
export async function attachTerminal(client: Client, name: string): Promise<number> {
  const { stdin, stdout } = process;
  client.onOutput((bytes) => stdout.write(bytes));
  await client.ask({ ask: 'console', console: name });
  if (stdin.isTTY) stdin.setRawMode(true);
  try {
    await Promise.race([client.closed(), typing(client, name)]);
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  }
  return STATUS.ended;
}

async function typing(client: Client, name: string): Promise<void> {
  let command = false;
  for await (const data of process.stdin) {
    const bytes: number[] = [];
    for (const byte of data as Buffer) {
      if (command && LEAVE.includes(byte)) return;
      if (command || byte !== CTRL_A) bytes.push(byte);
      command = !command && byte === CTRL_A;
    }
    if (bytes.length > 0) await client.ask({ ask: 'type', console: name, bytes: Buffer.from(bytes).toString('base64') });
  }
  await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
}
