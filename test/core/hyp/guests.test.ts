/** The project's own guests, as the compiler made them, under the hypervisor. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readElf } from '../../../core/machine/images/elf.ts';
import { bundled } from '../../support/bundled.ts';
import { type PartitionOptions, RAM } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');

const CHANNEL = { ipa: 0x50000000, pa: RAM + 0x1000000, size: 0x4000 } as const;

function elf(name: string): PartitionOptions {
  const { entry, segments } = readElf(readFileSync(new URL(`../../../guests/${name}/${name}.elf`, import.meta.url)));
  return {
    name,
    entry: { address: entry & ~1, thumb: (entry & 1) !== 0, registers: [0, 0xffffffff, 0] },
    image: segments.map(({ address, data }) => ({ ipa: address, bytes: data })),
  };
}

const withChannel = (options: PartitionOptions, writable: boolean, doorbell: number, peer: number): PartitionOptions => ({
  ...options,
  regions: [{ ...CHANNEL, kind: 'channel', name: 'control-frames', writable, executable: false }],
  channels: [
    {
      name: 'control-frames',
      ipa: CHANNEL.ipa,
      size: CHANNEL.size,
      writable,
      doorbell,
      peers: [{ partition: peer, channel: 0 }],
    },
  ],
});

describe('the guests of the project', () => {
  it('hello is heard by both ways, with two vCPUs on one core', () => {
    const system = makeSystem({ partitions: [{ ...elf('hello'), vcpus: [{}, {}] }] });
    expect(system.run(100_000_000)).toBe('ended');
    expect(system.output[0]).toBe(
      "hello: partition 0, 2 vCPU, 0 channels, says the hypervisor's console\nhello: and this came through the virtual PL011\nhello: vCPU 1 is here too\nhello: done\n",
    );
    expect(system.report().faultCount).toBe(0);
  });

  it('control sends its frames to telemetry through a channel, on time though they share a core', () => {
    const system = makeSystem({
      partitions: [withChannel(elf('control'), true, 48, 1), withChannel(elf('telemetry'), false, 48, 0)],
    });
    expect(system.run(1_001_000_000)).toBe('limit');
    expect(system.output[0]).toMatch(
      /^control: channel of 16 KiB at 50000000.*\ncontrol: 1000 frames, .* woken at most \d{1,2} ns late\n$/,
    );
    expect(system.output[1]).toMatch(
      /^telemetry: channel of 16 KiB at 50000000, read-only, doorbell 48\ntelemetry: 1000 frames, .*\n$/,
    );
    for (const id of [0, 1]) expect(system.report(id)).toMatchObject({ state: 'running', faultCount: 0 });
  });
});
