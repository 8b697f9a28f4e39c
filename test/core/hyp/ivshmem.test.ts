/** An ivshmem function as its guest and its peers see it: configuration space, registers, state table, interrupts. No guest runs here. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { State } from '../../../core/base/state.ts';
import type { TraceEvent } from '../../../core/base/trace.ts';
import type { Width } from '../../../core/bus/window.ts';
import { Link } from '../../../core/hyp/ivshmem-link.ts';
import { PciHost } from '../../../core/hyp/pci-host.ts';
import { bundled } from '../../support/bundled.ts';
import { random } from '../../support/hogs.ts';

const { startLink } = await bundled<typeof import('../../support/ivshmem-guests.ts')>('test/support/ivshmem-guests.ts');

const [VENDOR_CAPABILITY, ENHANCED_ALLOCATION] = [0x40, 0x60];
const COMMAND = { MEMORY: 2, MASTER: 4, INTX_DISABLE: 0x400 } as const;
const INTERRUPT_STATUS = 8;
const [ID, MAXIMUM_PEERS, INTERRUPT_CONTROL, DOORBELL, STATE] = [0, 4, 8, 0xc, 0x10];
const [BASE, SIZE] = [0x3000_0000, 0x2000 + 4 * 0x8000];
const IRQ = 48;
const OTHER_DEVICE = 0x8000;

const link = startLink(1, [{}, {}], 'interpreter');
const initial = structuredClone(link.machine.save()) as State;
const partition = (peer: number) => link.hypervisor.partitions[peer]!;
const pci = (peer: number) => partition(peer).pci!;
const caller = (peer: number) => {
  const own = partition(peer);
  return { cpu: link.machine.cpus[0]!, partition: own, vcpu: own.vcpus[0]!, services: link.hypervisor };
};
const get = (peer: number, register: number, width: Width = 4) => pci(peer).read(register, width);
const set = (peer: number, register: number, value: number, width: Width = 4) =>
  pci(peer).write(caller(peer), register, width, value);
const status = (peer: number) => pci(peer).readConfig(6, 2);
/** Whether the virtual distributor has an edge of the function's interrupt. */
const raised = (peer: number) => {
  const { interrupts } = partition(peer).vgic;
  return (interrupts.latched[interrupts.slot(0, IRQ >>> 5)]! >>> (IRQ & 31)) & 1;
};
const takeEdge = (peer: number) => {
  const { interrupts } = partition(peer).vgic;
  const was = raised(peer);
  interrupts.latched[interrupts.slot(0, IRQ >>> 5)]! &= ~(1 << (IRQ & 31));
  return was;
};
const ring = (from: number, target: number, vector = 0) => set(from, DOORBELL, target * 0x1_0000 + vector);

beforeEach(() => {
  link.machine.load(initial);
  link.hypervisor.watch.trace = undefined;
  for (const peer of [0, 1, 2]) {
    pci(peer).writeConfig(0x10, 4, 0x2300_0000);
    pci(peer).writeConfig(4, 2, COMMAND.MEMORY);
    set(peer, INTERRUPT_CONTROL, 1);
  }
});

describe('the configuration space', () => {
  it('has the header of an ivshmem function, in whatever width it is read', () => {
    const read = (at: number, width: Width) => pci(0).readConfig(at, width);
    expect([read(0, 4), read(0, 2), read(2, 2), read(1, 1)]).toEqual([0x4106_110a, 0x110a, 0x4106, 0x11]);
    expect([read(8, 4), read(0x0e, 1), read(0x2c, 4), read(0x34, 1)]).toEqual([0xff40_0000, 0, 0x4106_110a, VENDOR_CAPABILITY]);
    expect([read(6, 2), read(4, 4), read(0x3c, 2)]).toEqual([0x10, 0x10_0002, 0x100 | IRQ]);
  });

  it('says where the memory is and how large its sections are, twice', () => {
    const words = (at: number, count: number) => Array.from({ length: count }, (_, i) => pci(1).readConfig(at + 4 * i, 4));
    expect(words(VENDOR_CAPABILITY, 8)).toEqual([0x20_6009, 0x1000, 0x1000, 0, 0x8000, 0, BASE, 0]);
    expect(words(ENHANCED_ALLOCATION, 4)).toEqual([0x0001_0014, 0x80ff_0122, BASE, SIZE - 4]);
  });

  it('changes only where the specification lets a guest write', () => {
    const bits = (at: number): number => {
      if (at === 4) return COMMAND.MEMORY | COMMAND.MASTER;
      if (at === 5) return COMMAND.INTX_DISABLE >> 8;
      if (at === 0x11) return 0xf0;
      return at === 0x12 || at === 0x13 || at === 0x3c ? 0xff : at === VENDOR_CAPABILITY + 3 ? 1 : 0;
    };
    for (let at = 0; at < 0x100; at++) {
      const before = pci(2).readConfig(at, 1);
      const seen = [0xff, 0].map((value) => {
        pci(2).writeConfig(at, 1, value);
        return pci(2).readConfig(at, 1);
      });
      pci(2).writeConfig(at, 1, before);
      expect([at, ...seen], `byte ${at}`).toEqual([at, before | bits(at), before & ~bits(at)]);
    }
    for (const at of [0x100, 0xffc]) {
      pci(2).writeConfig(at, 4, -1);
      expect(pci(2).readConfig(at, 4)).toBe(0);
    }
  });

  it('answers the sizing of BAR 0 with 4 KiB, and has no other', () => {
    for (const at of [0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x30]) pci(0).writeConfig(at, 4, 0xffff_ffff);
    expect([0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x30].map((at) => pci(0).readConfig(at, 4))).toEqual([
      0xffff_f000, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it('is nowhere else on the bus', () => {
    for (const at of [0x1000, 0x7000, OTHER_DEVICE, 31 * OTHER_DEVICE, 0xf_fffc]) {
      pci(0).writeConfig(at, 4, 0);
      expect([pci(0).readConfig(at, 4), pci(0).readConfig(at, 2), pci(0).readConfig(at, 1)]).toEqual([0xffff_ffff, 0xffff, 0xff]);
    }
  });
});

describe('the registers', () => {
  it('are where BAR 0 is, while the command register lets them', () => {
    expect([get(2, ID), get(2, MAXIMUM_PEERS), get(2, 0x1000)]).toEqual([2, 4, 0xffff_ffff]);
    pci(2).writeConfig(0x10, 4, 0x230f_f000);
    expect([get(2, 0), get(2, 0xf_f000)]).toEqual([0xffff_ffff, 2]);
    pci(2).writeConfig(0x10, 4, 0x4000_0000);
    expect(get(2, 0xf_f000)).toBe(0xffff_ffff);
    pci(2).writeConfig(0x10, 4, 0x2300_0000);
    pci(2).writeConfig(4, 1, COMMAND.MASTER);
    set(2, STATE, 7);
    expect([get(2, 0), link.states()[2]]).toEqual([0xffff_ffff, 0]);
  });

  it('are whole words: narrow accesses and the rest of the page read as zero and change nothing', () => {
    set(1, STATE, 5);
    for (const at of [ID, STATE, STATE + 1]) set(1, at, 9, 1);
    set(1, STATE, 9, 2);
    for (const at of [0x14, 0xffc]) set(1, at, 9);
    expect([get(1, STATE), get(1, STATE, 2), get(1, STATE, 1), get(1, DOORBELL), get(1, 0x14), get(1, 0xffc)]).toEqual([
      5, 0, 0, 0, 0, 0,
    ]);
    set(1, ID, 9);
    set(1, MAXIMUM_PEERS, 9);
    set(1, INTERRUPT_CONTROL, 0xffff_fffe);
    expect([get(1, ID), get(1, MAXIMUM_PEERS), get(1, INTERRUPT_CONTROL)]).toEqual([1, 4, 0]);
  });
});

describe('a doorbell', () => {
  it('interrupts its target alone, and those who watch are told of the message', () => {
    const events: TraceEvent[] = [];
    const rings = () => link.hypervisor.report()[0]?.limits.find(({ what }) => what === 'doorbell')?.used ?? 0;
    const rung = rings();
    link.hypervisor.watch.trace = (event) => events.push(event);
    ring(0, 2);
    expect([0, 1, 2].map(raised)).toEqual([0, 0, 1]);
    expect([0, 1, 2].map(status)).toEqual([0x10, 0x10, 0x10 | INTERRUPT_STATUS]);
    expect(events).toEqual([{ kind: 'message', partition: 0, vcpu: 0, channel: 'frames', to: 2, interrupt: IRQ }]);
    expect(rings()).toBe(rung + 1);
  });

  it('has vector 0 alone, and is not heard where nobody is, or where interrupts are not wanted', () => {
    ring(0, 2, 1);
    for (const target of [3, 4, 31, 0xffff]) ring(0, target);
    set(1, INTERRUPT_CONTROL, 0);
    ring(0, 1);
    set(1, INTERRUPT_CONTROL, 1);
    expect([0, 1, 2].map(raised)).toEqual([0, 0, 0]);
    expect([1, 2].map(status)).toEqual([0x10, 0x10]);
  });

  it('waits in the status register while INTx is disabled, and is raised when it no longer is (PCI 3.0, 6.2.2)', () => {
    pci(1).writeConfig(5, 1, COMMAND.INTX_DISABLE >> 8);
    ring(0, 1);
    expect([raised(1), status(1) & INTERRUPT_STATUS]).toEqual([0, INTERRUPT_STATUS]);
    expect(pci(1).readConfig(4, 4)).toBe(0x18_0402);
    pci(1).writeConfig(5, 1, 0);
    expect(raised(1)).toBe(1);
  });

  it('that the guest has seen to is not raised again, and the next one is', () => {
    pci(1).writeConfig(5, 1, COMMAND.INTX_DISABLE >> 8);
    ring(0, 1);
    set(1, INTERRUPT_CONTROL, 1);
    expect(status(1) & INTERRUPT_STATUS).toBe(0);
    pci(1).writeConfig(5, 1, 0);
    expect(raised(1)).toBe(0);
    ring(2, 1);
    expect(raised(1)).toBe(1);
  });

  it('is an edge each time, also for a driver that never looks at the status register', () => {
    ring(0, 1);
    expect(takeEdge(1)).toBe(1);
    ring(0, 1);
    expect(takeEdge(1)).toBe(1);
  });

  it('ends the wish for interrupts in one-shot mode', () => {
    pci(1).writeConfig(VENDOR_CAPABILITY + 3, 1, 0xff);
    ring(0, 1);
    expect([takeEdge(1), get(1, INTERRUPT_CONTROL)]).toEqual([1, 0]);
    ring(0, 1);
    expect(takeEdge(1)).toBe(0);
    set(1, INTERRUPT_CONTROL, 1);
    ring(0, 1);
    expect(takeEdge(1)).toBe(1);
  });

  it('rung too often makes its vCPU wait, and is not lost', () => {
    for (let i = 0; i < 255; i++) ring(0, 1);
    expect(partition(0).vcpus[0]?.heldUntil).toBe(0);
    takeEdge(1);
    ring(0, 1);
    expect(takeEdge(1)).toBe(1);
    expect(partition(0).vcpus[0]?.heldUntil).toBeGreaterThan(0);
  });
});

describe('the state table', () => {
  it('has what a peer writes to its state register, and the others are interrupted when it changes', () => {
    set(0, STATE, 0xffff_ffff);
    expect([link.states(), get(0, STATE)]).toEqual([[0xffff_ffff, 0, 0, 0], 0xffff_ffff]);
    expect([0, 1, 2].map(takeEdge)).toEqual([0, 1, 1]);
    set(0, STATE, 0xffff_ffff);
    expect([0, 1, 2].map(takeEdge)).toEqual([0, 0, 0]);
  });

  it.each(['stop', 'restart'] as const)('has 0 for a peer after a %s, and the others are interrupted', (verb) => {
    set(1, STATE, 3);
    takeEdge(0);
    takeEdge(2);
    link.manage('listener1', verb);
    expect(link.states()[1]).toBe(3);
    link.hypervisor.lifecycle.advance(link.machine.cpus[0]!);
    expect(link.states()).toEqual([0, 0, 0, 0]);
    expect([0, 2].map(takeEdge)).toEqual([1, 1]);
    expect([pci(1).readConfig(4, 2), pci(1).readConfig(0x10, 4)]).toEqual([0, 0]);
    ring(0, 1);
    expect(status(1)).toBe(0x10);
  });

  it('tells a paused peer when it goes on', () => {
    link.manage('listener1', 'pause');
    ring(0, 1);
    expect([raised(1), status(1) & INTERRUPT_STATUS]).toEqual([1, INTERRUPT_STATUS]);
  });
});

describe('a hostile guest', () => {
  it('changes nothing of the others but that interrupts wait for them, whatever it does to its function', () => {
    const next = random(1);
    const own = link.hypervisor.config.links![0]!;
    const memory = () => link.machine.map.dump(own.pa, SIZE)!;
    const kept = (peer: number) => ({
      ...(pci(peer).save()['functions'] as object),
      hears: [get(peer, ID), get(peer, INTERRUPT_CONTROL), get(peer, STATE)],
    });
    const others = () => JSON.stringify([0, 1].map(kept)).replaceAll('"waiting":true', '"waiting":false');
    set(0, STATE, 1);
    const [before, functions] = [memory(), others()];
    for (let i = 0; i < 20_000; i++) {
      const [at, value, width] = [next() % 0x1000, next(), ([1, 2, 4] as const)[next() % 3]!];
      const offset = at - (at % width);
      if (next() % 2 === 0) pci(2).writeConfig(next() % 4 === 0 ? next() % 0x10_0000 : offset, width, value);
      else set(2, next() % 2 === 0 ? offset % 0x20 : next() % 0x10_0000, value, width);
      if (i % 500 === 0) pci(2).writeConfig(0x10, 4, 0x2300_0000);
      if (i % 500 === 0) pci(2).writeConfig(4, 2, COMMAND.MEMORY);
    }
    const after = memory();
    after.set(before.subarray(8, 12), 8); // its own word of the state table
    expect(after).toEqual(before);
    expect(others()).toBe(functions);
    expect([pci(2).readConfig(0, 4), pci(2).readConfig(0x2c, 4)]).toEqual([0x4106_110a, 0x4106_110a]);
  });
});

describe('a link', () => {
  it('has one function for each peer: a configuration that says otherwise is a mistake of its maker', () => {
    const made = new Link(link.hypervisor.config.links![0]!, link.hypervisor.memory);
    const peer = { notify: () => {} };
    made.join(3, peer);
    expect(() => made.join(3, peer)).toThrow('link frames: there is no place for a peer 3');
    expect(() => made.join(4, peer)).toThrow(RangeError);
    const config = { ...partition(0).config.pci!, functions: [{ link: 1, peer: 0, ipa: BASE, irq: IRQ }] };
    expect(() => new PciHost(config, [made], partition(0))).toThrow('sender: there is no link 1');
  });
});

describe('the state of a function', () => {
  it('is all that there is of it: another one with the same state is the same', () => {
    pci(1).writeConfig(5, 1, COMMAND.INTX_DISABLE >> 8);
    set(1, STATE, 3);
    ring(0, 1);
    const saved = structuredClone(pci(1).save());
    const other = startLink(1, [{}, {}], 'interpreter').hypervisor.partitions[1]!;
    const fresh = structuredClone(other.pci!.save());
    other.pci!.load(saved);
    expect(other.pci!.save()).toEqual(saved);
    expect([other.pci!.readConfig(4, 4), other.pci!.read(STATE, 4)]).toEqual([0x18_0402, 3]);
    other.pci!.reset();
    expect(other.pci!.save()).toEqual(fresh);
  });
});
