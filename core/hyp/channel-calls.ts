/** Hypercalls about channels: shared memory between partitions, and the doorbells that announce something in it. */
import { ok } from '../base/outcome.ts';
import type { ChannelConfig } from './config.ts';
import { hypercall, refuse } from './hypercall.ts';
import { counter } from './machine-registers.ts';
import type { Partition } from './partition.ts';
import { tellMessage } from './watch.ts';

export const CHANNEL_INFO = hypercall('CHANNEL_INFO', 0x86000010, {
  summary: 'where a channel is and what may be done with it',
  args: ['channel'],
  results: ['0', 'guest physical address', 'bytes', 'bit 0: writable; bits 31:16: doorbell interrupt, 0 for none'],
  errors: ['NO_ENTRY'],
  check({ partition }, { channel }) {
    const found = partition.config.channels[channel];
    return found === undefined ? refuse('NO_ENTRY') : ok(found);
  },
  commit: ({ ipa, size, writable, doorbell }) => [0, ipa, size, (writable ? 1 : 0) | (doorbell << 16)],
});

/** A doorbell that would ring. */
interface Bell {
  readonly channel: string;
  readonly partition: Partition;
  readonly interrupt: number;
}

function bells(channel: ChannelConfig, partitions: readonly Partition[]): Bell[] {
  return channel.peers.flatMap(({ partition, channel: index }) => {
    const peer = partitions[partition];
    const interrupt = peer?.config.channels[index]?.doorbell ?? 0;
    const alive = peer !== undefined && peer.state === 'running' && peer.ending === undefined;
    return alive && interrupt !== 0 ? [{ channel: channel.name, partition: peer, interrupt }] : [];
  });
}

export const CHANNEL_NOTIFY = hypercall('CHANNEL_NOTIFY', 0x86000011, {
  summary: "raises the peers' doorbell",
  args: ['channel'],
  results: ['0'],
  errors: ['NO_ENTRY', 'DENIED', 'BUSY'],
  check({ cpu, partition, services }, { channel }) {
    const found = partition.config.channels[channel];
    if (found === undefined) return refuse('NO_ENTRY');
    const listeners = bells(found, services.partitions);
    if (listeners.length === 0) return refuse('DENIED');
    return partition.doorbellLimit.available(counter(cpu)) === 0 ? refuse('BUSY') : ok(listeners);
  },
  commit(listeners, caller) {
    const { cpu, partition } = caller;
    partition.doorbellLimit.take(counter(cpu), 1);
    for (const { channel, partition: peer, interrupt } of listeners) {
      tellMessage(caller, channel, peer, interrupt);
      peer.vgic.pend(interrupt);
    }
    return [0];
  },
});
