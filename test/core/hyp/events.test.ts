import { describe, expect, it } from 'vitest';
import { EVENT_NS } from '../../../core/hyp/hypervisor.ts';
import { enableInterrupts, guest, handleInterrupt, type Part, RESULTS, result } from './guest.ts';
import { GUEST_RAM, makeSystem, type PartitionOptions } from './system.ts';

const CPU_ON = 0x84000003;
const SECOND = GUEST_RAM + 0x8000;

/** Two vCPUs count to 20 by turns: each waits for its own parity with WFE, and tells the other with SEV. */
function handshake(vcpus: PartitionOptions['vcpus']): PartitionOptions {
  const side = (a: Parameters<Part>[0], own: 0 | 1): void => {
    a.mov(10, GUEST_RAM + RESULTS)
      .b(`look${own}`)
      .label(`wait${own}`)
      .wfe()
      .label(`look${own}`)
      .ldr(5, 10);
    // ANDS R6, R5, #1, then whether it is the own parity.
    a.word(0xe2156001).bne(own === 0 ? `wait${own}` : `mine${own}`);
    if (own === 1) a.b(`wait${own}`).label(`mine${own}`);
    a.add(5, 5, 1)
      .str(5, 10)
      .sev()
      .subs(6, 5, 19 + own);
    a.bne(`look${own}`);
  };
  return {
    ...guest((a) => {
      a.call(CPU_ON, 1, SECOND, 0);
      side(a, 0);
      a.label('done').ldr(5, 10).subs(6, 5, 20).bne('done').call(0x84000008).org(SECOND);
      side(a, 1);
      a.label('end').wfi().b('end');
    }),
    ...(vcpus === undefined ? {} : { vcpus }),
  };
}

describe('WFE', () => {
  it.each([1, 2])('and SEV hand over between two vCPUs on %i cores', (cores) => {
    const system = makeSystem({ cores, partitions: [handshake([{ core: 0 }, { core: cores - 1 }])] });
    expect(system.run(2_000_000)).toBe('ended');
    expect(system.peek(0, RESULTS)).toBe(20);
    expect(system.report().exits['wfe']).toBeGreaterThan(0);
  });

  it('ends by itself after a while, and its waits are no instructions', () => {
    const system = makeSystem({ partitions: [guest((a) => a.label('loop').wfe().b('loop'))] });
    system.run(1_000_000);
    const { exits, instructions } = system.report();
    expect(exits['wfe']).toBeGreaterThan(1_000_000 / EVENT_NS - 10);
    expect(exits['wfe']).toBeLessThan(1_000_000 / EVENT_NS + 10);
    expect(instructions).toBeLessThan(1000);
    expect(instructions).toBeLessThanOrEqual(system.loop.instructions[0] as number);
  });

  it('counts no more for all partitions than the cores have executed', () => {
    const waits = guest((a) => a.label('loop').wfe().add(5, 5, 1).b('loop'));
    const busy = guest((a) => a.label('loop').add(5, 5, 1).b('loop'));
    const system = makeSystem({ cores: 2, slice: 5000, partitions: [waits, { ...waits, vcpus: [{}, {}] }, busy] });
    for (let i = 0; i < 20; i++) {
      system.run(7777);
      const rows = [0, 1, 2].map((id) => system.report(id).instructions);
      const executed = system.loop.instructions.reduce((sum, count) => sum + count, 0);
      expect(rows.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(executed);
    }
    expect(system.report(0).instructions).toBeGreaterThan(0);
  });

  it('ends at once when an interrupt comes that the guest takes', () => {
    const main: Part = (a) =>
      enableInterrupts(a, 27).mov(5, 300).mcr('CNTV_TVAL', 5).mov(5, 1).mcr('CNTV_CTL', 5).cpsie().label('loop').wfe().b('loop');
    const irq: Part = (a) =>
      handleInterrupt(a, () => {
        a.mrc('CNTV_TVAL', 5).mov(6, 0).mcr('CNTV_CTL', 6);
        result(a, 5).call(0x84000008);
        return a;
      });
    const system = makeSystem({ partitions: [guest(main, { irq })] });
    expect(system.run(100_000)).toBe('ended');
    // The timer's 3 microseconds are over, and the 10 of the wait are not.
    expect((system.peek(0, RESULTS) as number) | 0).toBeLessThanOrEqual(0);
    expect((system.peek(0, RESULTS) as number) | 0).toBeGreaterThan(-20);
  });
});
