/** What a partition may ask for how often, and whether it may manage the others (`docs/bindings.md`). */
import type { PartitionConfig, RateLimit } from '../../hyp/config.ts';
import type { Node } from '../devicetree/tree.ts';
import { GUEST } from './guest-map.ts';

export type Rights = Pick<PartitionConfig, 'management' | 'managementPage' | 'limits'>;

export const RIGHTS = [
  'partita,management',
  'partita,management-page',
  'partita,console-rate',
  'partita,doorbell-rate',
  'partita,exit-rate',
] as const;

/** At once, if the description does not say: as without a limit of its own. */
const BURST = { console: 16384, doorbell: 256, exit: 1000 } as const;
const SECOND = 1_000_000_000;

export function readRights(node: Node): Rights {
  const limits = {
    ...limit(node, 'console', 'console'),
    ...limit(node, 'doorbell', 'doorbell'),
    ...limit(node, 'exit', 'exits'),
  };
  return {
    ...(node.flag('partita,management') ? { management: true } : {}),
    ...(node.flag('partita,management-page') ? { managementPage: { ipa: GUEST.MANAGEMENT } } : {}),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

/** So many a second, and how many at once. */
function limit(node: Node, name: keyof typeof BURST, key: string): Record<string, RateLimit> {
  const property = node.get(`partita,${name}-rate`);
  if (property === undefined) return {};
  const [rate = 0, burst = BURST[name], more] = property.cells();
  if (rate < 1 || rate > SECOND || burst < 1 || more !== undefined)
    throw property.fail(`is <${property.cells().join(' ')}>`, {
      expected: 'how many a second (1 to 1000000000), and how many at once (1 or more)',
    });
  return { [key]: { burst, intervalNs: SECOND / rate } };
}
