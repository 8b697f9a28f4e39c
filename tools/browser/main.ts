/** npm run browser: the demo, or another system, in headless Chromium and here, with both engines. Status 1 if states differ. */
import arg from 'arg';
import { hostFiles } from '../cli/files.ts';
import { inChromium } from './chromium.ts';
import { carryOut, type Ended, type Job } from './job.ts';

const { _: systems, '--until': milliseconds = 10_000 } = arg({ '--until': Number });
const [system = 'boards/vexpress-a15/demo.dts'] = systems;
const jobs: Job[] = (['interpreter', 'jit'] as const).map((engine) => ({ system, engine, until: milliseconds * 1e6 }));

const show = (where: string, { engine, stateHash, instructions, translated, seconds }: Ended): void => {
  const made = translated > 0 ? `, ${translated} translated` : '';
  console.log(`${where}, ${engine}: state ${stateHash}, ${instructions} instructions${made}, ${seconds.toFixed(2)} s`);
};

const [here, there] = [jobs.map((job) => carryOut(job, hostFiles)), await inChromium(jobs)];
for (const one of here) show(`Node ${process.versions.node}`, one);
for (const one of there) show('Chromium', one);
process.exitCode = new Set([...here, ...there].map(({ stateHash }) => stateHash)).size === 1 ? 0 : 1;
