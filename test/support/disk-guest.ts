/** guests/disk as the only partition of a system, with a disk in memory. */
import { readFileSync } from 'node:fs';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { type System, startSystem } from '../../core/machine/system/system.ts';
import { Wasm } from '../../tools/host/wasm.ts';
import { EVERYTHING } from '../../tools/trace/filter.ts';
import { Observation } from '../../tools/trace/observation.ts';
import { startTracing } from '../../tools/trace/tracing.ts';
import { memoryDisk } from './memory-disk.ts';

/** `starts`: how often it starts before it switches itself off. */
export function startDisk(starts: number, engine: 'interpreter' | 'jit' = 'interpreter'): { system: System; disk: Uint8Array } {
  const source = `#include "board.dts"
/ { chosen { a {
  compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>;
  module@0 {
    compatible = "multiboot,kernel", "multiboot,module";
    partita,image = "../../guests/disk/disk.elf"; bootargs = "starts=${starts}";
  };
  disk { compatible = "partita,virtio"; partita,virtio = "block"; partita,disk = "disk"; };
}; }; };`;
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(source) : readFileSync(path)),
  };
  const disk = new Uint8Array(0x2_0000);
  const virtio = { disk: () => memoryDisk(disk, 'disk') };
  const options = engine === 'jit' ? { virtio, wasm: new Wasm() } : { virtio };
  return { system: startSystem(parseDts('boards/virt/test.dts', files), files, options), disk };
}

/** The same for so long, traced or not. Returns the state hash. */
export function traceDisk(until: number, trace?: string): string {
  const { system } = startDisk(1);
  const none = { text: undefined, instructions: undefined, profile: undefined, coverage: undefined, every: 997, programs: [] };
  const finish = startTracing(new Observation(system), { ...none, trace, filter: EVERYTHING });
  system.machine.run(until);
  finish();
  return system.machine.stateHash();
}
