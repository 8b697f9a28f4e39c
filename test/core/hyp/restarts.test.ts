import { describe, expect, it } from 'vitest';
import { WRITTEN } from '../../../core/bus/memory.ts';
import { RESTART_NS } from '../../../core/hyp/hypervisor.ts';
import { Vcpu } from '../../../core/hyp/vcpu.ts';
import { guest, RESULTS } from './guest.ts';
import { GUEST_RAM, GUEST_UART, makeSystem, ramOf } from './system.ts';

const SYSTEM_RESET = 0x84000009;
const resets = { program: (a: Parameters<Parameters<typeof guest>[0]>[0]) => a.mov(0, SYSTEM_RESET).hvc() };
const counts = guest((a) => a.mov(5, 0).label('loop').add(5, 5, 1).str(5, 10).b('loop'));
const sleeps = { program: (a: Parameters<Parameters<typeof guest>[0]>[0]) => a.label('loop').wfi().b('loop') };

describe('a restart', () => {
  it('takes virtual time, so that a guest which does nothing else makes few', () => {
    const system = makeSystem({ partitions: [resets] });
    expect(system.run(50_000_000)).toBe('limit');
    const { restarts, instructions } = system.report();
    expect(restarts).toBeGreaterThanOrEqual(49);
    expect(restarts).toBeLessThanOrEqual(51);
    expect(instructions).toBeLessThan(52 * 10);
  });

  it('costs a neighbour on the same core next to nothing', () => {
    const count = (first: Parameters<typeof makeSystem>[0]['partitions'][number]) => {
      const system = makeSystem({ partitions: [first, counts] });
      system.run(5_000_000);
      return system.peek(1, RESULTS) as number;
    };
    const alone = count(sleeps);
    expect(count(resets)).toBeGreaterThan(alone * 0.999);
  });

  it('costs a neighbour on another core nothing at all', () => {
    const count = (first: Parameters<typeof makeSystem>[0]['partitions'][number]) => {
      const system = makeSystem({
        cores: 2,
        partitions: [
          { ...first, vcpus: [{ core: 1 }] },
          { ...counts, vcpus: [{ core: 0 }] },
        ],
      });
      system.run(5_000_000);
      return [system.peek(1, RESULTS), system.report(1).instructions];
    };
    expect(count(resets)).toEqual(count(sleeps));
  });

  it('is over at its time, from which the virtual counter counts', () => {
    const system = makeSystem({
      partitions: [
        guest((a) =>
          a
            .mov(4, GUEST_UART)
            .mov(5, 46)
            .str(5, 4)
            .mov(4, GUEST_RAM + 0x20000)
            .mov(5, 1)
            .str(5, 4)
            .call(SYSTEM_RESET),
        ),
      ],
    });
    system.run(RESTART_NS - 1000);
    expect(system.output[0]).toBe('.');
    system.run(3000);
    expect(system.output[0]).toBe('..');
  });

  it('leaves pages as if never written that the guest wrote and the image does not fill, and sees the next writes', () => {
    const writes = guest((a) =>
      a
        .mov(4, GUEST_RAM + 0x20000)
        .mov(5, 1)
        .str(5, 4)
        .str(5, 4, 4)
        .mov(6, 100_000)
        .label('wait')
        .subs(6, 6, 1)
        .bne('wait')
        .call(SYSTEM_RESET),
    );
    const system = makeSystem({ partitions: [writes] });
    const page = () => {
      const region = system.map.find(ramOf(0));
      if (region?.kind !== 'memory') throw new Error('no RAM');
      return ((system.map.arena.marks[(region.offset + 0x20000) >>> 12] as number) & WRITTEN) !== 0;
    };
    const seen = Array.from({ length: 6 }, () => {
      system.run(100_000);
      const first = page();
      system.run(500_000);
      return [first, page()];
    });
    expect(seen[0]).toEqual([true, false]);
    expect(seen.flat().filter((marked) => marked).length).toBeGreaterThan(1);
    expect(system.report().restarts).toBeGreaterThan(1);
  });

  it('is remembered with its time by what is saved', () => {
    const [vcpu, copy] = [new Vcpu(0, 0, 0), new Vcpu(0, 0, 0)];
    vcpu.start({ address: GUEST_RAM, thumb: false, registers: [] });
    vcpu.block(123_456);
    copy.load(vcpu.save());
    expect([copy.blocked, copy.wakeAt]).toEqual([true, 123_456]);
    vcpu.block();
    copy.load(vcpu.save());
    expect(copy.wakeAt).toBe(Number.POSITIVE_INFINITY);
  });
});
