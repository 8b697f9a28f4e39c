/** guests/sender and any number of guests/listener on one ivshmem link, each on a core of its own. */
import { readFileSync } from 'node:fs';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { Wasm } from '../../tools/host/wasm.ts';

export interface Listener {
  readonly attacks?: boolean;
  readonly runs?: number;
}

const core = (i: number) => `cpu@${i} { device_type = "cpu"; compatible = "arm,cortex-a15"; reg = <${i}>; };`;

const guest = (name: string, image: string, bootargs: string, peer: number) => `${name} {
  compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>; partita,cores = <${peer}>;
  module@0 {
    compatible = "multiboot,kernel", "multiboot,module";
    partita,image = "../../guests/${image}/${image}.elf"; bootargs = "${bootargs}";
  };
  frames { compatible = "partita,ivshmem"; partita,link = "frames"; partita,peer = <${peer}>; };
};`;

function source(frames: number, listeners: readonly Listener[]): string {
  const all = listeners.map(({ attacks = false, runs = 1 }, i) =>
    guest(`listener${i + 1}`, 'listener', `attacks=${attacks ? 1 : 0} runs=${runs}`, i + 1),
  );
  return `#include "board.dts"
/ {
  cpus { ${listeners.map((_, i) => core(i + 1)).join(' ')} };
  frames {
    compatible = "partita,ivshmem-link"; partita,peers = <4>;
    partita,read-write-size = <0x1000>; partita,output-size = <0x8000>;
  };
  chosen {
    ${guest('sender', 'sender', `frames=${frames} receivers=${listeners.length}`, 0)}
    ${all.join('\n')}
  };
};`;
}

/** Sends so many frames once all listeners are there. */
export function startLink(frames: number, listeners: readonly Listener[], engine: 'interpreter' | 'jit' = 'jit') {
  const text = source(frames, listeners);
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(text) : readFileSync(path)),
  };
  const system = startSystem(parseDts('boards/virt/test.dts', files), files, engine === 'jit' ? { wasm: new Wasm() } : {});
  const { machine, hypervisor } = system;
  const [link] = hypervisor.config.links ?? [];
  return {
    machine,
    hypervisor,
    run: (ms: number) => machine.run(machine.clock.now() + ms * 1e6),
    text: (name: string) => machine.consoles.get(name)?.text() ?? '',
    lines: (name: string) => (machine.consoles.get(name)?.text() ?? '').trimEnd().split('\n'),
    /** The state table, as it stands in memory. */
    states: () => Array.from({ length: 4 }, (_, i) => machine.map.read((link?.pa ?? 0) + 4 * i, 4, { core: 0, secure: false })),
    /** As somebody from outside would have it. */
    manage: (name: string, verb: 'restart' | 'stop' | 'pause' | 'resume') => {
      const partition = hypervisor.partitions.find(({ config }) => config.name === name);
      if (partition !== undefined) hypervisor.manage(partition, verb, 'the test');
    },
  };
}
