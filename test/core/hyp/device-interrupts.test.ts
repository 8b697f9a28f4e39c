/** Physical interrupts that belong to a partition, and the emulated ones that are levels. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';
import { enableInterrupts, guest, handleInterrupt, type Part, RESULTS, result } from './guest.ts';
import { GUEST_GICD, GUEST_UART } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');

/** Physical SPI 40 (ID 72) is the partition's interrupt 40. */
const PHYSICAL = 72;
const VIRTUAL = 40;
const assigned = { interrupts: [{ physical: PHYSICAL, virtual: VIRTUAL }] } as const;
const forever: Part = (a) => enableInterrupts(a, VIRTUAL).mov(8, 0).cpsie().label('loop').str(8, 10).b('loop');
const count: Part = (a) => handleInterrupt(a, () => a.add(8, 8, 1));

describe('an assigned interrupt', () => {
  it('comes again while its line is high, and no more when it is low', () => {
    const system = makeSystem({ partitions: [{ ...guest(forever, { irq: count }), ...assigned }] });
    system.run(2000);
    expect(system.peek(0, RESULTS)).toBe(0);
    const line = system.gic.spi(PHYSICAL - 32);
    line.set(true);
    system.run(2000);
    line.set(false);
    system.run(2000);
    const counted = system.peek(0, RESULTS) ?? 0;
    expect(counted).toBeGreaterThan(10);
    system.run(2000);
    expect(system.peek(0, RESULTS)).toBe(counted);
  });

  it('of an edge comes once for each edge', () => {
    const edge = { interrupts: [{ physical: PHYSICAL, virtual: VIRTUAL, edge: true }] };
    const system = makeSystem({ partitions: [{ ...guest(forever, { irq: count }), ...edge }] });
    system.run(2000);
    for (let i = 0; i < 3; i++) {
      system.gic.spi(PHYSICAL - 32).pulse();
      system.run(2000);
    }
    expect(system.peek(0, RESULTS)).toBe(3);
  });

  it('whose line falls before the guest enables it is not delivered', () => {
    const late: Part = (a) => {
      a.mov(6, 2000).label('delay').subs(6, 6, 1).bne('delay');
      forever(a);
    };
    const system = makeSystem({ partitions: [{ ...guest(late, { irq: count }), ...assigned }] });
    system.run(500);
    system.gic.spi(PHYSICAL - 32).set(true);
    system.run(500);
    system.gic.spi(PHYSICAL - 32).set(false);
    system.run(20_000);
    expect(system.peek(0, RESULTS)).toBe(0);
    // And it works from then on.
    system.gic.spi(PHYSICAL - 32).set(true);
    system.run(1000);
    system.gic.spi(PHYSICAL - 32).set(false);
    system.run(1000);
    expect(system.peek(0, RESULTS)).toBeGreaterThan(0);
  });

  it('goes to the core of the virtual processor that the guest targets', () => {
    const main: Part = (a) => {
      enableInterrupts(a, VIRTUAL)
        .mov(1, GUEST_GICD)
        .mov(2, 2)
        .strb(2, 1, 0x800 + VIRTUAL);
      a.call(0x84000003, 1, 0x40008000, 0).mov(8, 0).cpsie().label('loop').b('loop').org(0x40008000);
      a.mov(0, 0x40000000)
        .mcr('VBAR', 0)
        .mov(10, 0x40000000 + RESULTS)
        .mov(1, 0x03002000)
        .mov(2, 0xff)
        .str(2, 1, 4)
        .mov(2, 1)
        .str(2, 1);
      a.mov(8, 0).cpsie().label('second').mrc('MPIDR', 0).str(0, 10, 4).str(8, 10).b('second');
    };
    const system = makeSystem({ cores: 2, partitions: [{ ...guest(main, { irq: count }), ...assigned, vcpus: [{}, {}] }] });
    system.run(50_000);
    system.gic.spi(PHYSICAL - 32).set(true);
    system.run(20_000);
    system.gic.spi(PHYSICAL - 32).set(false);
    system.run(20_000);
    expect(system.peek(0, RESULTS)).toBeGreaterThan(0);
    expect(system.peek(0, RESULTS + 4)).toBe(0x80000001);
  });

  it('is held back while its partition is off, and comes to the next start', () => {
    const main: Part = (a) =>
      enableInterrupts(a, VIRTUAL).cpsie().mov(6, 200).label('wait').subs(6, 6, 1).bne('wait').call(0x84000009);
    const irq: Part = (a) => a.mov(4, GUEST_UART).mov(5, 33).str(5, 4).call(0x84000008);
    const system = makeSystem({ partitions: [{ ...guest(main, { irq }), ...assigned }] });
    system.run(5_000_000);
    expect(system.report().restarts).toBeGreaterThan(3);
    system.gic.spi(PHYSICAL - 32).set(true);
    expect(system.run(5_000_000)).toBe('ended');
    expect(system.output[0]).toBe('!');
  });
});

describe('the state of interrupts in the distributor', () => {
  it('shows what is pending and active, in list registers too, and lets the guest change it', () => {
    const main: Part = (a) => {
      const read = (offset: number) => result(a.ldr(0, 1, offset));
      enableInterrupts(a, 45).mov(1, GUEST_GICD);
      a.mov(2, 1 << 13).str(2, 1, 0x204);
      read(0x204); // pending
      a.mov(3, 0x03002000).ldr(4, 3, 0xc);
      read(0x204); // no more
      read(0x304); // but active
      a.str(2, 1, 0x204);
      read(0x204); // pending again, behind the active one
      a.str(2, 1, 0x384);
      read(0x304); // deactivated by hand
      a.str(2, 1, 0x284);
      read(0x204); // and no longer pending
      a.copy(0, 4);
      result(a);
    };
    const system = makeSystem({ partitions: [guest(main)] });
    expect(system.run()).toBe('ended');
    const bit = 1 << 13;
    expect(Array.from({ length: 7 }, (_, i) => system.peek(0, RESULTS + 4 * i))).toEqual([bit, 0, bit, bit, 0, 0, 45]);
  });

  it('keeps a level: a console interrupt whose byte is not read comes again after its end', () => {
    const main: Part = (a) => {
      enableInterrupts(a, 32).mov(8, 0).mov(4, GUEST_UART).mov(5, 0x10).str(5, 4, 0x38).cpsie();
      a.label('loop').str(8, 10).b('loop');
    };
    const system = makeSystem({ partitions: [guest(main, { irq: count })] });
    system.run(2000);
    system.type(0, 'x');
    system.run(2000);
    system.run(2000);
    expect(system.peek(0, RESULTS)).toBe(0);
    expect(system.report().exits['irq']).toBeGreaterThan(20);
  });

  it('has nothing past the last interrupt', () => {
    const main: Part = (a) => {
      a.mov(1, GUEST_GICD).mov(2, -1);
      for (const offset of [0x10c, 0x20c, 0xc18]) result(a.str(2, 1, offset).ldr(0, 1, offset));
      result(a.strb(2, 1, 0x400 + 96).ldrb(0, 1, 0x400 + 96));
      result(a.strb(2, 1, 0x800 + 96).ldrb(0, 1, 0x800 + 96));
    };
    const system = makeSystem({ partitions: [guest(main)] });
    expect(system.run()).toBe('ended');
    expect(Array.from({ length: 5 }, (_, i) => system.peek(0, RESULTS + 4 * i))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('several cores', () => {
  it('restart a partition only when all of them have left it', () => {
    const main: Part = (a) => {
      a.mov(4, 0x40020000).ldr(5, 4).mov(6, GUEST_UART).add(5, 5, 48).str(5, 6).call(0x84000003, 1, 0x40008000, 0);
      a.mov(6, 3000).label('delay').subs(6, 6, 1).bne('delay').call(0x84000009).org(0x40008000);
      // The second processor writes all the time what must be gone after the restart.
      a.mov(4, 0x40020000).mov(5, 7).label('write').str(5, 4).b('write');
    };
    const system = makeSystem({ cores: 2, partitions: [{ ...guest(main), vcpus: [{}, {}] }] });
    system.run(7_000_000);
    expect(system.report().restarts).toBeGreaterThan(5);
    expect(system.output[0]).toMatch(/^0+$/);
  });

  it('give every vCPU its own core as far as there are some, and share out the rest', () => {
    const program = guest((a) => a.label('loop').b('loop'));
    const system = makeSystem({ cores: 2, slice: 1000, partitions: [{ ...program, vcpus: [{ core: 1 }] }, program, program] });
    system.run(100_000);
    const shares = [0, 1, 2].map((id) => system.report(id).instructions);
    expect(shares[0]).toBeGreaterThan(99_000);
    expect(Math.abs((shares[1] ?? 0) - (shares[2] ?? 0))).toBeLessThan(1500);
  });
});
