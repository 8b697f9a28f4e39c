/** How the memory of an ivshmem link is divided. Reference: ivshmem v2 specification, "Shared Memory Region Layout". */
import type { LinkConfig } from './config.ts';

/** A part of the memory, and who may write it: one peer, all, or only the hypervisor. */
export interface Section {
  readonly what: 'state table' | 'read/write section' | 'output section';
  readonly offset: number;
  readonly size: number;
  readonly writer: number | 'all' | 'nobody';
}

type Sizes = Pick<LinkConfig, 'peers' | 'stateTable' | 'readWrite' | 'output'>;

/** One behind the other; those of no size are left out. */
export function sectionsOf({ peers, stateTable, readWrite, output }: Sizes): Section[] {
  const outputs = Array.from({ length: peers }, (_, peer) => ({
    what: 'output section' as const,
    offset: stateTable + readWrite + peer * output,
    size: output,
    writer: peer,
  }));
  const sections: Section[] = [
    { what: 'state table', offset: 0, size: stateTable, writer: 'nobody' },
    { what: 'read/write section', offset: stateTable, size: readWrite, writer: 'all' },
    ...outputs,
  ];
  return sections.filter(({ size }) => size > 0);
}

export const memorySize = ({ peers, stateTable, readWrite, output }: Sizes): number => stateTable + readWrite + peers * output;
