/** Queries: what the server can do, which threads there are, the description of the target. */

import type { Thread } from '../../core/machine/debug/threads.ts';
import { type Client, type Command, ERROR, hexNumber } from './client.ts';
import { monitor } from './monitor.ts';
import { fromHex, PACKET_SIZE } from './packets.ts';
import { targetDescription } from './target-description.ts';
import { findThread, parseThreadId, threadId } from './thread-id.ts';

const FEATURES = [
  `PacketSize=${PACKET_SIZE.toString(16)}`,
  'qXfer:features:read+',
  'qXfer:threads:read+',
  'multiprocess+',
  'swbreak+',
  'hwbreak+',
  'vContSupported+',
  'QStartNoAckMode+',
].join(';');

const supported: Command = (client, rest) => {
  const features = rest.slice(1).split(';');
  client.multiprocess = features.includes('multiprocess+');
  for (const reason of ['swbreak', 'hwbreak'] as const) if (features.includes(`${reason}+`)) client.reasons.add(reason);
  return FEATURES;
};

const threads = ({ attached }: Client): readonly Thread[] => [...attached].flatMap((space) => space.threads);

const ESCAPES: Readonly<Record<string, string>> = { '<': '&lt;', '&': '&amp;', '"': '&quot;' };
const xml = (text: string): string => text.replace(/[<&"]/g, (one) => ESCAPES[one] ?? one);

const threadList = (client: Client, list: readonly Thread[]): string =>
  [
    '<?xml version="1.0"?>\n<threads>',
    ...list.map((thread) => {
      const name = thread.vcpu === undefined ? 'core' : thread.space.name;
      const text = xml(client.debug.describe(thread));
      return `<thread id="${threadId(thread, client.multiprocess)}" core="${thread.core}" name="${xml(name)}">${text}</thread>`;
    }),
    '</threads>\n',
  ].join('\n');

const DOCUMENTS: Readonly<Record<string, (client: Client) => string>> = {
  'features:read:target.xml': targetDescription,
  'threads:read:': (client) => threadList(client, threads(client)),
};

/** A part of a document: OBJECT:read:ANNEX:OFFSET,LENGTH. */
const transfer: Command = (client, rest) => {
  const [, name = '', from, length] = /^:(.*):([0-9a-f]+),([0-9a-f]+)$/is.exec(rest) ?? [];
  const [offset, count] = [hexNumber(from), hexNumber(length)];
  const document = DOCUMENTS[name];
  if (document === undefined) return /^:(features|threads):/.test(rest) ? 'E00' : '';
  if (offset === undefined || count === undefined) return ERROR.malformed;
  const text = document(client);
  const part = text.slice(offset, offset + Math.min(count, PACKET_SIZE - 4));
  return `${offset + part.length < text.length ? 'm' : 'l'}${part}`;
};

const extraInfo: Command = (client, rest) => {
  const pattern = parseThreadId(rest.slice(1));
  const thread = pattern && findThread(client.debug.spaces, pattern);
  return thread === undefined ? ERROR.invalid : hexOf(client.debug.describe(thread));
};

const hexOf = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('');

const command: Command = (client, rest) => {
  const bytes = fromHex(rest.slice(1));
  if (bytes === undefined) return ERROR.malformed;
  client.say(monitor(client, new TextDecoder().decode(bytes)));
  return 'OK';
};

export const QUERIES: Readonly<Record<string, Command>> = {
  qSupported: supported,
  qXfer: transfer,
  qThreadExtraInfo: extraInfo,
  qRcmd: command,
  qfThreadInfo: (client) => {
    const ids = threads(client).map((thread) => threadId(thread, client.multiprocess));
    return ids.length === 0 ? 'l' : `m${ids.join(',')}`;
  },
  qsThreadInfo: () => 'l',
  qC: (client) => `QC${threadId(client.thread, client.multiprocess)}`,
  qAttached: () => '1',
  qSymbol: () => 'OK',
  QStartNoAckMode: (client) => {
    client.noAck = true;
    return 'OK';
  },
};
