/** Jobs in headless Chromium: a page with a worker, from a server of our own on this machine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import type { Ended, Job } from './job.ts';
import type { Order, Told } from './worker.ts';

const PAGE = `<!doctype html><title>Partita</title>
<script>new Worker('/worker.js', { type: 'module' }).onerror = (event) =>
  fetch('/ended', { method: 'POST', body: JSON.stringify({ error: event.message }) });</script>`;

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
];
const PATIENCE_MS = 300_000;

/** How each of them ended. Throws if the browser cannot be started or what runs in it fails. */
export async function inChromium(jobs: readonly Job[]): Promise<readonly Ended[]> {
  const worker = await bundle();
  const order: Order = { jobs, files: filesOf(jobs) };
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  let tell: (told: Told) => void = () => {};
  const told = new Promise<Told>((resolve) => {
    tell = resolve;
  });
  const answers: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/': ['text/html', PAGE],
    '/worker.js': ['text/javascript', worker],
    '/jobs': ['application/json', JSON.stringify(order)],
  };
  const server = createServer((request, response) => serve(request, response, answers, tell));
  const port = await listening(server);
  const child = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
    stdio: 'ignore',
    detached: true,
  });
  child.on('error', (error) => tell({ error: String(error) }));
  child.on('exit', (status) => tell({ error: `chromium ended with status ${status}` }));
  const timer = setTimeout(() => tell({ error: 'the browser takes too long' }), PATIENCE_MS);
  try {
    const outcome = await told;
    if ('error' in outcome) throw new Error(outcome.error);
    return outcome.ended;
  } finally {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
    await ended(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Ends it with all its processes. */
async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['tools/browser/worker.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minifySyntax: true,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** All files that the systems need, which is what starting them reads. */
function filesOf(jobs: readonly Job[]): Record<string, string> {
  const found: Record<string, string> = {};
  const readFile = (path: string) => {
    try {
      const bytes = readFileSync(path);
      found[path] = bytes.toString('base64');
      return bytes;
    } catch {
      return undefined;
    }
  };
  for (const system of new Set(jobs.map((job) => job.system))) startSystem(parseDts(system, { readFile }), { readFile });
  return found;
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answers: Readonly<Record<string, readonly [string, string]>>,
  tell: (told: Told) => void,
): void {
  const { url = '', method } = request;
  if (method === 'POST' && url === '/ended') {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      response.end();
      tell(JSON.parse(text) as Told);
    });
    return;
  }
  const found = answers[url];
  response.writeHead(found === undefined ? 404 : 200, { 'content-type': found?.[0] ?? 'text/plain' });
  response.end(found?.[1]);
}
