/** boards/virt/linux.dts, with a subnet that both kernels are on beside the ones of their own, and commands typed at their prompts. */
import { readFileSync } from 'node:fs';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { makeReport, type RunReport } from '../../core/machine/report.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { HostDevices } from '../../tools/cli/host-devices.ts';
import { Wasm } from '../../tools/host/wasm.ts';

const net = (port: string) =>
  `net2 { compatible = "partita,virtio"; partita,virtio = "net"; partita,network = "both"; partita,port = "${port}"; };`;
const QUIET = 'module@0 { bootargs = "console=ttyAMA0 cryptomgr.notests quiet"; };';

const variant = (periods: number) => `#include "linux.dts"
/ {
  both {
    compatible = "partita,switch";
    linux { local-mac-address = [52 54 00 00 01 01]; };
    office { local-mac-address = [52 54 00 00 01 02]; };
  };
  chosen {
    control { module@0 { bootargs = "periods=${periods}"; }; };
    linux { ${net('linux')} ${QUIET} };
    office { ${net('office')} ${QUIET} };
  };
};
`;

const STEP = 5_000_000;
const PROMPT = '\n/ # ';

export interface SystemRun {
  readonly report: RunReport;
  /** Virtual time at which both had their first prompt. */
  readonly shells: number;
  readonly consoles: Readonly<Record<string, string>>;
}

/** Types each command when its partition's prompt shows; ends when all are done and control has sent its frames, or at `longest`. */
export function runLinuxSystem(
  scripts: Readonly<Record<'linux' | 'office', readonly string[]>>,
  periods: number,
  longest: number,
): SystemRun {
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(variant(periods)) : readFileSync(path)),
  };
  const virtio = new HostDevices({ snapshot: true });
  try {
    const { machine, hypervisor } = startSystem(parseDts('boards/virt/test.dts', files), files, { virtio, wasm: new Wasm() });
    virtio.join(machine);
    const typists = Object.entries(scripts).map(([name, commands]) => {
      const console = machine.consoles.get(name);
      return { console, left: [...commands], from: 0 };
    });
    let shells = 0;
    const done = () =>
      typists.every(({ left, console, from }) => left.length === 0 && console?.text().includes(PROMPT, from)) &&
      machine.consoles.get('telemetry')?.text().includes('bad CRC');
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
