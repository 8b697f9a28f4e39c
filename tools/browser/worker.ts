/** In the browser: asks for the jobs, carries them out, tells how they ended. */
import { carryOut, type Ended, type Job } from './job.ts';

/** What `/jobs` answers; files by path, as base64. */
export interface Order {
  readonly jobs: readonly Job[];
  readonly files: Readonly<Record<string, string>>;
}
/** What `/ended` is told. */
export type Told = { readonly ended: readonly Ended[] } | { readonly error: string };

const tell = (told: Told) => fetch('/ended', { method: 'POST', body: JSON.stringify(told) });

try {
  const { jobs, files } = (await (await fetch('/jobs')).json()) as Order;
  const bytes = new Map(
    Object.entries(files).map(([path, text]) => [path, Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]),
  );
  const own = { readFile: (path: string) => bytes.get(path) };
  await tell({ ended: jobs.map((job) => carryOut(job, own)) });
} catch (error) {
  await tell({ error: String((error as Error).stack ?? error) });
}
