/** System cases, run in QEMU and here with all levels from User mode to Monitor mode, and compared. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, runInPartita } from './partita.ts';
import { runInQemu } from './qemu.ts';
import { Random } from './random.ts';
import { type SystemCase, systemCase, words } from './system-cases.ts';
import { compareRecords } from './system-compare.ts';
import { buildSystemImage } from './system-image.ts';
import { INPUT, RECORD, TEXT } from './system-layout.ts';

/** Cases in one image: as many as there is room for their instructions. */
const BATCH = 10_000;
/** ldr pc, [pc, #-4]; the address. */
const JUMP = Uint32Array.of(0xe51ff004, TEXT);

export interface SystemOutcome {
  readonly cases: number;
  /** How many cases there were of each event. */
  readonly events: ReadonlyMap<string, number>;
  /** Cases in which a difference was met that has a name and a reason. */
  readonly known: ReadonlyMap<string, number>;
  readonly different: readonly string[];
}

export function compareSystem(count: number, seed: number, engine?: Engine): SystemOutcome {
  const random = new Random(seed);
  const outcome = {
    cases: count,
    events: new Map<string, number>(),
    known: new Map<string, number>(),
    different: [] as string[],
  };
  for (let done = 0; done < count; done += BATCH) {
    const cases = Array.from({ length: Math.min(BATCH, count - done) }, (_, i) => systemCase(random, i));
    const { ours, theirs } = runBoth(cases, engine);
    for (const [i, one] of cases.entries()) {
      const part = (all: Uint32Array) => all.subarray(i * RECORD.length, (i + 1) * RECORD.length);
      outcome.events.set(one.event, (outcome.events.get(one.event) ?? 0) + 1);
      const text = compareRecords(one, part(ours), part(theirs), outcome.known);
      if (text !== undefined) outcome.different.push(`case ${done + i}: ${text}`);
    }
  }
  return outcome;
}

function runBoth(cases: readonly SystemCase[], engine: Engine | undefined): { ours: Uint32Array; theirs: Uint32Array } {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    const input = new Uint32Array(cases.length * INPUT.length);
    for (const [i, one] of cases.entries()) input.set(words(one), i * INPUT.length);
    const slots = cases.map(({ slot }) => slot);
    const image = buildSystemImage(folder, slots, input);
    writeFileSync(join(folder, 'jump.bin'), JUMP);
    const start = ['-bios', 'jump.bin', '-device', `loader,file=${image}`];
    const theirs = runInQemu(folder, image, 'virt,secure=on,virtualization=on', start);
    return { theirs, ours: runInPartita(image, { level: 'Secure', ...(engine === undefined ? {} : { engine }) }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
