/** Connects the ends of shared memories and of their doorbells. */
import type { ChannelConfig } from '../../hyp/config.ts';
import { deviceInterrupts } from './devices.ts';
import type { Domain, EventChannel, SharedMemory } from './domain.ts';
import type { Findings } from './finding.ts';
import { GUEST } from './guest-map.ts';
import { virtioDevices } from './virtio.ts';

/** The channels of each domain, in the order of the domains. */
export function connect(domains: readonly Domain[], findings: Findings): ChannelConfig[][] {
  checkOwners(domains, findings);
  return domains.map((domain) => {
    const bells = doorbells(domain);
    return domain.shared.map((memory, i) => ({
      name: memory.id,
      ipa: memory.ipa,
      size: memory.size,
      writable: memory.writable,
      doorbell: domain.events.some(({ channel }) => channel === memory.id) ? (bells[i] as number) : 0,
      peers: peers(domains, domain, memory, findings),
    }));
  });
}

/** An interrupt for each channel, then for each ivshmem function: the next that no device of the guest has. */
export function doorbells(domain: Domain): number[] {
  const devices = virtioDevices(domain).map(({ irq }) => irq);
  const taken = new Set([...deviceInterrupts(domain).map(({ virtual }) => virtual), ...devices]);
  let next: number = GUEST.DOORBELL;
  return [...domain.shared, ...domain.ivshmem].map(() => {
    while (taken.has(next)) next++;
    return next++;
  });
}

/** Each shared memory has one owner, and all agree on where and how large it is. */
function checkOwners(domains: readonly Domain[], findings: Findings): void {
  const all = domains.flatMap(({ shared }) => shared);
  for (const id of new Set(all.map((memory) => memory.id))) {
    const ends = all.filter((memory) => memory.id === id);
    const owners = ends.filter(({ role }) => role === 'owner');
    const [first, second] = [ends[0] as SharedMemory, owners[1]];
    if (owners.length === 0)
      findings.isolation(
        first.node.fail(`shared memory "${id}" has no owner`, { advice: 'Give one of its ends role = "owner".' }),
      );
    if (second !== undefined)
      findings.isolation(second.node.fail(`shared memory "${id}" has ${owners.length} owners`, { expected: 'one' }));
    const odd = ends.find(({ pa, size }) => pa !== first.pa || size !== first.size);
    if (odd !== undefined)
      findings.isolation(odd.property.fail(`places shared memory "${id}" elsewhere than ${first.node.path} does`));
  }
}

/** Who hears when this end notifies: the remote ends of its event channels. */
function peers(domains: readonly Domain[], domain: Domain, memory: SharedMemory, findings: Findings): ChannelConfig['peers'] {
  return domain.events
    .filter(({ channel }) => channel === memory.id)
    .flatMap((event) => {
      const partition = domains.findIndex(({ events }) => events.some((other) => isRemote(other, event)));
      const channel = domains[partition]?.shared.findIndex(({ id }) => id === memory.id) ?? -1;
      if (partition >= 0 && channel >= 0) return [{ partition, channel }];
      findings.unusable(
        event.property.fail('leads to no other end', {
          expected: 'the phandle of an xen,evtchn-v1 node of a partition that shares the memory',
        }),
      );
      return [];
    });
}

const isRemote = (other: EventChannel, event: EventChannel): boolean => other !== event && other.node.phandle === event.remote;
