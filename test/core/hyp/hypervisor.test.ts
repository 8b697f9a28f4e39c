import { describe, expect, it } from 'vitest';
import { GUEST_RAM, GUEST_UART, makeSystem } from './system.ts';

const PSCI = { SYSTEM_OFF: 0x84000008 } as const;

describe('a partition', () => {
  it('runs its program, writes to its console and turns itself off', () => {
    const system = makeSystem({
      partitions: [{ program: (a) => a.mov(4, GUEST_UART).mov(5, 'A'.charCodeAt(0)).str(5, 4).call(PSCI.SYSTEM_OFF) }],
    });
    expect(system.run()).toBe('ended');
    expect(system.output[0]).toBe('A');
    expect(system.report()).toMatchObject({ state: 'off', faultCount: 0, exits: { mmio: 1, hvc: 1 } });
  });

  it('writes to its console by a hypercall from its own memory', () => {
    const system = makeSystem({
      partitions: [
        {
          program: (a) =>
            a
              .call(0x86000001, GUEST_RAM + 0x100, 5)
              .mov(6, GUEST_RAM + 0x200)
              .str(0, 6)
              .call(PSCI.SYSTEM_OFF)
              .org(GUEST_RAM + 0x100)
              .word(0x6c6c6548, 0x6f),
        },
      ],
    });
    expect(system.run()).toBe('ended');
    expect(system.output[0]).toBe('Hello');
    expect(system.peek(0, 0x200)).toBe(5);
  });
});
