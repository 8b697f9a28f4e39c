/** A guest says how long its jobs take, so that the report can tell response times from release to completion. */
import { ok } from '../base/outcome.ts';
import { hypercall, refuse } from './hypercall.ts';
import { counter } from './machine-registers.ts';
import { JOBS } from './measurements.ts';

const WORD = 0x1_0000_0000;

export const JOB_DONE = hypercall('JOB_DONE', 0x86000021, {
  summary: 'a job is complete that was released when the virtual counter stood at a value; the report has its response time',
  args: ['job, 0 to 15', 'release, bits 31 to 0', 'release, bits 63 to 32'],
  results: ['0'],
  errors: ['INVALID'],
  check({ cpu, partition }, args) {
    const [job, low, high] = Object.values(args) as [number, number, number];
    const ticks = counter(cpu) - partition.offset - (high * WORD + low);
    return job >= JOBS || ticks < 0 ? refuse('INVALID') : ok({ job, ticks });
  },
  commit({ job, ticks }, { partition, services }) {
    services.jobDone(partition, job, ticks);
    return [0];
  },
});
