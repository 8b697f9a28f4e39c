/** What a debugger tells about translation and interrupts, in lines for people. References: Arm DDI 0406C, B3.6 (stage 2); IHI 0048B §5.3. */
import { hex } from '../../base/bits.ts';
import { Interrupts } from '../../devices/gic/interrupts.ts';
import type { Partition } from '../../hyp/partition.ts';
import { describeStep, explainFault } from '../../mmu/explain.ts';
import { Fault } from '../../mmu/fault.ts';
import { RIGHT, type Translation } from '../../mmu/translation.ts';
import type { Machine } from '../machine.ts';
import type { Found, MemoryView } from './memory-view.ts';

const PAGE = 4096;
const wide = (address: number): string => hex(address, address > 0xffffffff ? 10 : 8);

/** An address through both stages, with every descriptor that says so, and what the TLB has. */
export function explainAddress(machine: Machine, va: number, { cached, result, regime, walk }: Found): string[] {
  const at = va % PAGE;
  const tlb = cached === undefined ? 'not in the TLB' : `in the TLB: ${route(cached, at)}`;
  if (result instanceof Fault) return [...explainFault(result, regime), tlb];
  const first = regime.enabled ? '' : ' (stage 1 is off)';
  const { privileged, user, stage2, type } = result;
  return [
    `VA ${hex(va)} → ${route(result, at)}${first}`,
    `PL1 ${rights(privileged)}, PL0 ${rights(user)}, stage 2 ${rights(stage2)}, ${type} memory, ${machine.map.find(result.pa)?.name ?? 'nothing'}`,
    ...walk.map(describeStep),
    tlb,
  ];
}

const route = ({ ipa, pa }: Translation, at: number): string =>
  ipa === pa ? `PA ${wide(pa + at)}` : `IPA ${wide(ipa + at)} → PA ${wide(pa + at)}`;

const rights = (mask: number): string =>
  `${mask & RIGHT.read ? 'r' : '-'}${mask & RIGHT.write ? 'w' : '-'}${mask & RIGHT.execute ? 'x' : '-'}`;

interface Mapping {
  readonly ipa: number;
  readonly pa: number;
  readonly attributes: string;
  size: number;
}

/** A partition's stage 2 as its tables have it, what lies side by side as one line. */
export function stage2Map(machine: Machine, memory: MemoryView, { tables, config }: Partition): string[] {
  const found: Mapping[] = [];
  const [low, high] = tables.vttbr;
  const root = (high & 0xff) * 2 ** 32 + (low >>> 0);
  collect(memory, root, 2 ** (tables.ipaBits - 30), 0, 2 ** 30, found);
  const lines = found.map(({ ipa, pa, size, attributes }) => {
    const name = config.regions.find((region) => ipa >= region.ipa && ipa < region.ipa + region.size)?.name;
    const what = name ?? machine.map.find(pa)?.name ?? '';
    return `${wide(ipa)}-${wide(ipa + size - 1)} → ${wide(pa)} ${attributes} ${what}`;
  });
  return [`${config.name}: VMID ${tables.vmid}, VTTBR ${wide(root)}, ${tables.ipaBits} bits of IPA`, ...lines];
}

/** The entries of a table, each for `size` bytes from `ipa` on; tables below are gone through. */
function collect(memory: MemoryView, table: number, entries: number, ipa: number, size: number, found: Mapping[]): void {
  const bytes = memory.readPhysical(table, entries * 8);
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < bytes.length / 8; i++) {
    const [low, high] = [words.getUint32(8 * i, true), words.getUint32(8 * i + 4, true)];
    const output = (high & 0xff) * 2 ** 32 + ((low & ~0xfff) >>> 0);
    if ((low & 1) === 0) continue;
    if ((low & 2) !== 0 && size > PAGE) collect(memory, output, 512, ipa + i * size, size / 512, found);
    else add(found, { ipa: ipa + i * size, pa: output, size, attributes: attributes(low, high) });
  }
}

function add(found: Mapping[], mapping: Mapping): void {
  const last = found.at(-1);
  const joined = last !== undefined && last.ipa + last.size === mapping.ipa && last.pa + last.size === mapping.pa;
  if (joined && last.attributes === mapping.attributes) last.size += mapping.size;
  else found.push(mapping);
}

/** S2AP, XN and MemAttr<3:2>, of which 0 is Device or Strongly-ordered memory. */
function attributes(low: number, high: number): string {
  const access = `${low & (1 << 6) ? 'r' : '-'}${low & (2 << 6) ? 'w' : '-'}${high & (1 << 22) ? '-' : 'x'}`;
  return `${access} ${(low & (3 << 4)) === 0 ? 'device' : 'memory'}`;
}

/** The physical GIC: what is pending or active, for each core. */
export function physicalInterrupts({ gic, processors }: Machine): string[] {
  const state = gic.save()['interrupts'] as Parameters<Interrupts['load']>[0];
  const slots = (state['enabled'] as Int32Array).length;
  const interrupts = new Interrupts(processors.length, 32 * (slots - processors.length + 1));
  interrupts.load(state);
  const virtual = processors.flatMap((_, core) => listed(gic.virtualControlOf(core), core));
  return [...processing(interrupts, processors.length, 'core'), ...virtual];
}

/** A partition's virtual GIC, as the hypervisor keeps it: what is in list registers of a core shows there. */
export function virtualInterrupts({ vgic, vcpus }: Partition): string[] {
  return processing(vgic.interrupts, vcpus.length, 'vCPU');
}

function processing(interrupts: Interrupts, count: number, name: string): string[] {
  const lines: string[] = [];
  for (let id = 0; id < Math.min(interrupts.count, 1020); id++) {
    const owners = id < 32 ? Array.from({ length: count }, (_, i) => i) : [0];
    for (const owner of owners) {
      const text = describe(interrupts, owner, id);
      if (text !== undefined) lines.push(`${id < 32 ? `${name} ${owner}` : targets(interrupts, id, name)}: ${text}`);
    }
  }
  return lines.length > 0 ? lines : ['nothing is pending or active'];
}

function describe(interrupts: Interrupts, owner: number, id: number): string | undefined {
  const slot = interrupts.slot(owner, id >>> 5);
  const bit = (word: number | undefined): boolean => (((word ?? 0) >>> (id & 31)) & 1) !== 0;
  const [pending, active] = [bit(interrupts.pending(slot)), interrupts.isActive(owner, id)];
  if (!pending && !active) return undefined;
  const state = [pending ? 'pending' : '', active ? 'active' : ''].filter((text) => text !== '').join(' and ');
  const enabled = bit(interrupts.enabled[slot]) ? 'enabled' : 'disabled';
  return `interrupt ${id} ${state}, ${enabled}, priority ${hex(interrupts.priorityOf(owner, id), 2)}`;
}

const targets = ({ targets: masks }: Interrupts, id: number, name: string): string =>
  `${name}s ${[0, 1, 2, 3, 4, 5, 6, 7].filter((n) => (((masks[id] ?? 0) >>> n) & 1) !== 0).join(' and ') || 'none'}`;

/** GICH_LRn that hold something. */
function listed(control: ReturnType<Machine['gic']['virtualControlOf']>, core: number): string[] {
  const state = ['', 'pending', 'active', 'pending and active'];
  return [0, 1, 2, 3].flatMap((n) => {
    const lr = control.read('LR', n, { core, secure: false });
    const held = (lr >>> 28) & 3;
    if (held === 0) return [];
    const physical = lr < 0 ? `, physical ${(lr >>> 10) & 0x3ff}` : '';
    return [
      `core ${core} GICH_LR${n}: virtual interrupt ${lr & 0x3ff} ${state[held]}, priority ${hex(((lr >>> 23) & 31) << 3, 2)}${physical}`,
    ];
  });
}
