/** boards/virt/ivshmem.dts with commands typed at Linux's prompts, and restarts of its partitions when something shows on a console. */
import { readFileSync } from 'node:fs';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { makeReport, type RunReport } from '../../core/machine/report.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { HostDevices } from '../../tools/cli/host-devices.ts';
import { Wasm } from '../../tools/host/wasm.ts';

const variant = (frames: number) => `#include "ivshmem.dts"
/ { chosen {
  sender { module@0 { bootargs = "frames=${frames}"; }; };
  linux { module@0 { bootargs = "console=ttyAMA0 cryptomgr.notests quiet"; }; };
}; };
`;

const STEP = 1_000_000;
const PROMPT = '\n/ # ';

/** Something to type when the prompt shows, or a partition to restart when a console shows something that it did not before. */
export type Step = { readonly type: string } | { readonly restart: string; readonly when: string; readonly shows: string };

export interface IvshmemRun {
  readonly report: RunReport;
  readonly consoles: Readonly<Record<string, string>>;
  /** What Linux wrote from each typed command to the next prompt, or restart of it. */
  readonly answers: readonly string[];
  /** Virtual nanoseconds that it took. */
  readonly took: readonly number[];
}

/** Ends when the last command has been answered, or at `longest`. */
export function runIvshmem(frames: number, steps: readonly Step[], longest: number): IvshmemRun {
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(variant(frames)) : readFileSync(path)),
  };
  const virtio = new HostDevices({ snapshot: true });
  const [answers, took]: [string[], number[]] = [[], []];
  try {
    const { machine, hypervisor } = startSystem(parseDts('boards/virt/test.dts', files), files, { virtio, wasm: new Wasm() });
    virtio.join(machine);
    const text = (name: string) => machine.consoles.get(name)?.text().replaceAll('\r', '').replaceAll('\x1b[6n', '') ?? '';
    const until = (ready: () => boolean) => {
      while (!ready() && machine.clock.now() < longest) machine.run(machine.clock.now() + STEP);
    };
    let [from, since] = [0, 0];
    const answered = () => {
      answers.push(text('linux').slice(from));
      took.push(machine.clock.now() - since);
      [from, since] = [text('linux').length, machine.clock.now()];
    };
    for (const step of [...steps, { type: '' }]) {
      if ('type' in step) {
        until(() => text('linux').includes(PROMPT, from));
        answered();
        machine.consoles.get('linux')?.type(Buffer.from(`${step.type}\n`, 'latin1'));
        continue;
      }
      const known = text(step.when).length;
      until(() => text(step.when).includes(step.shows, known));
      const found = hypervisor.partitions.find(({ config }) => config.name === step.restart);
      if (found !== undefined) hypervisor.manage(found, 'restart', 'the test');
      if (step.restart === 'linux') answered();
    }
    const report = makeReport(machine, hypervisor.report(), { engine: 'jit', hostSeconds: 0, ended: 'limit' });
    const consoles = Object.fromEntries([...machine.consoles.keys()].map((name) => [name, text(name)]));
    return { report, consoles, answers, took };
  } finally {
    virtio.close();
  }
}
