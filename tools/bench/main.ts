/**
 * npm run bench: the same images in Partita and in QEMU's TCG, turn by turn, as whole processes. Prints medians of CPU and wall time,
 * million instructions a second, and the ratio (above 1: Partita is faster). `--runs N` (default 5), `--json FILE`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import arg from 'arg';

interface Image {
  readonly name: string;
  readonly file: string;
  /** What both are told to do with it. */
  readonly partita: readonly string[];
  readonly qemu: readonly string[];
}

const VIRT = ['-M', 'virt', '-cpu', 'cortex-a15', '-nographic', '-no-reboot', '-kernel'];
const bare = (name: string, file: string): Image => ({
  name,
  file,
  partita: ['boot', '--board', 'virt', '--quiet', file],
  qemu: [...VIRT, file],
});

const IMAGES: readonly Image[] = [bare('integer mix (gcc -O2, A32)', 'guests/bench/bench.elf')];

interface Times {
  readonly cpu: number;
  readonly wall: number;
}

/** Runs a command to its end; CPU seconds count all its threads. */
function time(command: readonly string[]): Times {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1 </dev/null';
  const { stderr, status } = spawnSync('bash', ['-c', script, '_', ...command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with status ${status}`);
  const [wall = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { wall, cpu: user + system };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

function measure(image: Image, runs: number, scratch: string) {
  const report = join(scratch, 'report.json');
  const ours: Times[] = [];
  const theirs: Times[] = [];
  for (let i = 0; i < runs; i++) {
    ours.push(time([process.execPath, 'dist/partita.js', ...image.partita, '--report', report]));
    theirs.push(time(['qemu-system-arm', ...image.qemu]));
  }
  const { instructions, engine } = JSON.parse(readFileSync(report, 'utf8')) as { instructions: number; engine: string };
  const of = (times: readonly Times[]) => ({
    cpu: median(times.map(({ cpu }) => cpu)),
    wall: median(times.map(({ wall }) => wall)),
  });
  const [partita, qemu] = [of(ours), of(theirs)];
  const rate = (seconds: number) => instructions / seconds / 1e6;
  return {
    name: image.name,
    engine,
    instructions,
    partita: { ...partita, rate: rate(partita.cpu) },
    qemu: { ...qemu, rate: rate(qemu.cpu) },
    ratio: qemu.cpu / partita.cpu,
  };
}

const options = arg({ '--runs': Number, '--json': String });
const runs = options['--runs'] ?? 5;
if (spawnSync('qemu-system-arm', ['--version']).error !== undefined) {
  process.stderr.write('bench: qemu-system-arm is needed for the comparison (Debian: qemu-system-arm)\n');
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'partita-bench-'));
try {
  const results = IMAGES.map((image) => measure(image, runs, scratch));
  for (const { name, engine, instructions, partita, qemu, ratio } of results) {
    const line = (who: string, { cpu, wall, rate }: typeof partita) =>
      `  ${who.padEnd(22)} CPU ${cpu.toFixed(2)} s  wall ${wall.toFixed(2)} s  ${rate.toFixed(1)} M instructions/s`;
    const rows = [
      line(`Partita (${engine})`, partita),
      line('QEMU (TCG)', qemu),
      `  ratio ${ratio.toFixed(3)} (CPU time, medians of ${runs})`,
    ];
    process.stdout.write(`${name}: ${(instructions / 1e6).toFixed(1)} M instructions\n${rows.join('\n')}\n`);
  }
  if (options['--json'] !== undefined) {
    const machine = { cpu: cpus()[0]?.model, node: process.version };
    writeFileSync(options['--json'], `${JSON.stringify({ machine, runs, results }, undefined, 2)}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
