/** Random hostile guests: whatever they do, the host lives, memory beyond theirs stays, and a neighbour on its own core notices nothing. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';
import { randoms } from '../../support/device-contract.ts';
import type { Assembler } from './assembler.ts';
import { guest, handleInterrupt, type Part, RESULTS } from './guest.ts';
import { GUEST_GICC, GUEST_GICD, GUEST_RAM, GUEST_UART, type PartitionOptions, RAM, ramOf } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');

const CHANNEL = { ipa: 0x50000000, pa: RAM + 0x1000000, size: 0x1000 } as const;
const CALLS = [
  0x86000000, 0x86000001, 0x86000002, 0x86000003, 0x86000010, 0x86000011, 0x86000020, 0x8600ff01, 0x84000001, 0x84000002,
  0x84000003, 0x84000004, 0x84000009,
];
const PLACES = [
  GUEST_GICD,
  GUEST_GICD + 0x200,
  GUEST_GICD + 0x800,
  GUEST_GICD + 0xf00,
  GUEST_GICC,
  GUEST_GICC + 0x1000,
  GUEST_UART,
  GUEST_RAM + 0x8000,
  CHANNEL.ipa,
  0x70000000,
];
const RETURN =
  (offset: number): Part =>
  (a) =>
    a.exceptionReturn(offset);

/** One thing to try, with R4 and R5 to try it with. */
function attempt(a: Assembler, random: () => number): void {
  const pick = <T>(from: readonly T[]): T => from[random() % from.length] as T;
  const value = () => pick([random(), 1 << (random() % 32), 0xffffffff, 0, 1, GUEST_RAM, 4]);
  switch (random() % 9) {
    case 0:
    case 1:
      // Stores and loads of all widths, LDM, LDREX, VST1.
      a.mov(4, pick(PLACES) + (random() % 3 === 0 ? random() % 0x1000 : 4 * (random() % 64))).mov(5, value());
      a.word(pick([0xe5845000, 0xe5945000, 0xe5c45000, 0xe5d45000, 0xe1d450b0, 0xe1c450b0, 0xe8940060, 0xe1945f9f, 0xf4640adf]));
      break;
    case 2:
      a.mov(0, pick(CALLS)).mov(1, value()).mov(2, value()).mov(3, value()).hvc();
      break;
    case 3:
      a.word((pick([0xee000010, 0xee100010]) | (random() & 0xef0fef) | (pick([14, 15]) << 8)) >>> 0);
      break;
    case 4:
      a.mov(5, random() % 400)
        .mcr('CNTV_TVAL', 5)
        .mov(5, random() % 4)
        .mcr('CNTV_CTL', 5);
      break;
    case 5:
      a.word(pick([0xe320f003, 0xe320f002, 0xe320f004, 0xf1080080, 0xf10c0080, 0xf1020010 | (random() % 16), 0xe1600070]));
      break;
    case 6:
      a.mov(4, GUEST_GICD)
        .mov(5, random() & 0x0303000f)
        .str(5, 4, 0xf00);
      break;
    case 7:
      a.mov(4, GUEST_GICD)
        .mov(5, 3)
        .str(5, 4)
        .mov(5, -1)
        .str(5, 4, 0x100)
        .str(5, 4, 0x104)
        .mov(4, GUEST_GICC)
        .str(5, 4, 4)
        .mov(5, pick([1, 3, 0x201]))
        .str(5, 4);
      break;
    default:
      a.word(random());
  }
}

function hostile(seed: number): PartitionOptions {
  const random = randoms(seed);
  const main: Part = (a) => {
    a.label('again');
    for (let i = 0; i < 300; i++) attempt(a, random);
    a.b('again');
  };
  return {
    ...guest(main, {
      undefined: RETURN(0),
      call: RETURN(0),
      prefetchAbort: RETURN(0),
      dataAbort: RETURN(4),
      irq: (a) => handleInterrupt(a, () => a),
    }),
    vcpus: Array.from({ length: 1 + (seed % 3) }, () => ({ core: 1 })),
    regions: [{ ...CHANNEL, kind: 'channel', name: 'channel', writable: seed % 2 === 0, executable: false }],
    channels: [{ ...CHANNEL, name: 'channel', writable: true, doorbell: 49, peers: [{ partition: 2, channel: 0 }] }],
    health: { onFault: seed % 4 === 0 ? 'restart' : 'log', maxRestarts: 20 },
  };
}

const neighbour = (): PartitionOptions => ({
  ...guest((a) => a.mov(5, 0).label('loop').add(5, 5, 1).str(5, 10).mrc('CNTV_TVAL', 6).str(6, 10, 4).b('loop')),
  vcpus: [{ core: 0 }],
});

describe('random hostile guests', () => {
  it('harm neither the host nor the memory of others nor the course of a neighbour', () => {
    const counts = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const system = makeSystem({
        cores: 2,
        slice: 3000,
        partitions: [neighbour(), hostile(seed), { ...hostile(seed + 100), vcpus: [{ core: 1 }] }],
      });
      for (let i = 0; i < 10; i++) {
        if (i % 3 === 0) system.type(1 + (seed % 2), 'hello');
        expect(system.run(3000)).toBe('limit');
      }
      counts.add([0, 4].map((offset) => system.peek(0, RESULTS + offset)).join(' '));
      expect(system.report(0).faultCount).toBe(0);
      // Between and behind the partitions' RAM nothing was ever written.
      for (const id of [0, 1, 2]) expect(system.map.dump(ramOf(id) + 0x200000, 0x200000)?.every((byte) => byte === 0)).toBe(true);
    }
    expect(counts.size).toBe(1);
  });
});
