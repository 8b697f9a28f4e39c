/** A system with Debian's kernels as partitions, and commands typed at their prompts; for the tests to run as one bundle (see `bundled.ts`). */
import { readFileSync } from 'node:fs';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { makeReport, type RunReport } from '../../core/machine/report.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { HostDevices } from '../../tools/cli/host-devices.ts';
import { Wasm } from '../../tools/host/wasm.ts';

export interface Wanted {
  /** Where the description would be, for what it includes and names. */
  readonly board: 'virt' | 'vexpress-a15';
  readonly description: string;
  /** What is typed on the console of each partition, a line at each prompt. */
  readonly scripts: Readonly<Record<string, readonly string[]>>;
  /** The run goes on until all is typed and answered, and that console has shown that text. */
  readonly until?: readonly [console: string, text: string];
  /** Virtual nanoseconds after which it ends in any case. */
  readonly longest: number;
}

export interface SystemRun {
  readonly report: RunReport;
  /** Virtual time at which all had their first prompt. */
  readonly shells: number;
  readonly consoles: Readonly<Record<string, string>>;
}

const STEP = 5_000_000;
const PROMPT = '\n/ # ';

/** Types each command when its partition's prompt shows. */
export function runSystem({ board, description, scripts, until, longest }: Wanted): SystemRun {
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(description) : readFileSync(path)),
  };
  const virtio = new HostDevices({ snapshot: true });
  try {
    const tree = parseDts(`boards/${board}/test.dts`, files);
    const { machine, hypervisor } = startSystem(tree, files, { virtio, wasm: new Wasm() });
    virtio.join(machine);
    const typists = Object.entries(scripts).map(([name, commands]) => {
      const console = machine.consoles.get(name);
      return { console, left: [...commands], from: 0 };
    });
    let shells = 0;
    const done = () =>
      machine.ending !== undefined ||
      (typists.every(({ left, console, from }) => left.length === 0 && console?.text().includes(PROMPT, from)) &&
        (until === undefined || machine.consoles.get(until[0])?.text().includes(until[1])));
    for (let time = STEP; time < longest && !done(); time += STEP) {
      machine.run(time);
      for (const typist of typists) {
        const text = typist.console?.text() ?? '';
        if (typist.left.length === 0 || !text.includes(PROMPT, typist.from)) continue;
        typist.from = text.length;
        typist.console?.type(Buffer.from(`${typist.left.shift()}\n`, 'latin1'));
      }
      if (shells === 0 && typists.every(({ from }) => from > 0)) shells = time;
    }
    const report = makeReport(machine, hypervisor.report(), { engine: 'jit', hostSeconds: 0, ended: 'limit' });
    const consoles = Object.fromEntries([...machine.consoles.values()].map((one) => [one.name, one.text()]));
    return { report, shells, consoles };
  } finally {
    virtio.close();
  }
}
