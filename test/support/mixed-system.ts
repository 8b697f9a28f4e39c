/** boards/virt/mixed*.dts in phases, for the tests to run as one bundle (see `bundled.ts`): Linux is typed at, and looked at between. */
import { readFileSync } from 'node:fs';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { PartitionReport } from '../../core/machine/report.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { HostDevices } from '../../tools/cli/host-devices.ts';
import { Wasm } from '../../tools/host/wasm.ts';
import { EVERYTHING } from '../../tools/trace/filter.ts';
import { Observation } from '../../tools/trace/observation.ts';
import { startTracing } from '../../tools/trace/tracing.ts';

export interface Phase {
  /** What is typed on the console of each partition, a line at each prompt; the phase ends when all is answered. */
  readonly scripts?: Readonly<Record<string, readonly string[]>>;
  /** Or it lasts so many virtual nanoseconds. */
  readonly lasts?: number;
  readonly hash?: boolean;
}

/** How things stand at the end of a phase. */
export interface Mark {
  readonly time: number;
  readonly partitions: readonly PartitionReport[];
  readonly hash: string;
  readonly cpuSeconds: number;
}

export interface MixedRun {
  readonly marks: readonly Mark[];
  readonly consoles: Readonly<Record<string, string>>;
}

const STEP = 5_000_000;
const PROMPT = '\n/ # ';
/** Virtual nanoseconds after which nobody waits for an answer any more. */
const LONGEST = 3e9;
const QUIET = ['linux', 'office']
  .map((name) => `${name} { module@0 { bootargs = "console=ttyAMA0 cryptomgr.notests quiet"; }; };`)
  .join('\n');

/** A description as it stands, with fewer messages of the kernels. */
export const describedMixed = (file: string): string =>
  `#include "${file}"\n${file.endsWith('alone.dts') ? '' : `/ { chosen { ${QUIET} }; };`}\n`;

/** `trace`: where the events go. */
export function runMixed(file: string, phases: readonly Phase[], trace?: string): MixedRun {
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(describedMixed(file)) : readFileSync(path)),
  };
  const virtio = new HostDevices({ snapshot: true });
  try {
    const tree = parseDts('boards/virt/test.dts', files);
    const { machine, hypervisor } = startSystem(tree, files, { virtio, wasm: new Wasm() });
    virtio.join(machine);
    const finish = trace === undefined ? () => {} : traced({ machine, hypervisor }, trace);
    const from = new Map<string, number>();
    const marks = phases.map((phase): Mark => {
      const before = process.cpuUsage();
      if (phase.lasts !== undefined) machine.run(machine.clock.now() + phase.lasts);
      else typeAll(machine, phase.scripts ?? {}, from);
      const { user, system } = process.cpuUsage(before);
      const hash = phase.hash === true ? machine.stateHash() : '';
      return { time: machine.clock.now(), partitions: hypervisor.report(), hash, cpuSeconds: (user + system) / 1e6 };
    });
    finish();
    return { marks, consoles: Object.fromEntries([...machine.consoles.values()].map((one) => [one.name, one.text()])) };
  } finally {
    virtio.close();
  }
}

function traced(running: ConstructorParameters<typeof Observation>[0], trace: string): () => void {
  const none = { text: undefined, instructions: undefined, profile: undefined, coverage: undefined, every: 997, programs: [] };
  return startTracing(new Observation(running), { ...none, trace, filter: EVERYTHING });
}

/** Types each command when its partition's prompt shows. `from`: what of a console has been read. */
function typeAll(machine: Machine, scripts: NonNullable<Phase['scripts']>, from: Map<string, number>): void {
  const typists = Object.entries(scripts).map(([name, commands]) => ({ name, left: [...commands] }));
  const text = (name: string) => machine.consoles.get(name)?.text() ?? '';
  const prompted = (name: string) => text(name).includes(PROMPT, from.get(name) ?? 0);
  const end = machine.clock.now() + LONGEST;
  while (machine.clock.now() < end && !typists.every(({ name, left }) => left.length === 0 && prompted(name))) {
    machine.run(machine.clock.now() + STEP);
    for (const { name, left } of typists) {
      if (left.length === 0 || !prompted(name)) continue;
      from.set(name, text(name).length);
      machine.consoles.get(name)?.type(Buffer.from(`${left.shift()}\n`, 'latin1'));
    }
  }
}
