/** A partition that begins anew for ever: the host's memory stays as it is. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { timed } from '../../tools/bench/timed.ts';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';

/** guests/disk counts its starts on its disk, leaves a request behind each time, and resets its partition until it has started that often. */
const system = (starts: number) => `#include "boards/virt/board.dts"
/ { chosen { #address-cells = <2>; #size-cells = <2>; disk {
  compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>; vpl011;
  module@0 {
    compatible = "multiboot,kernel", "multiboot,module";
    partita,image = "guests/disk/disk.elf"; bootargs = "starts=${starts}";
  };
  disk { compatible = "partita,virtio"; partita,virtio = "block"; partita,disk = "disk.img"; partita,snapshot; };
}; }; };`;

/** MiB for 400 starts, against what a garbage collector leaves about for a while: 1,000 starts were seen to take 11 more than 100. */
const MARGIN = 25;

let program: Program;
beforeAll(async () => {
  program = await Program.build();
});
afterAll(() => program.remove());

it.skipIf(!have('time'))('500 starts of a partition take no more memory of the host than 100', { timeout: 200_000 }, async () => {
  program.file('disk.img', new Uint8Array(0x2_0000));
  const memory: number[] = [];
  for (const starts of [100, 500]) {
    const file = `${program.folder}/${program.file(`${starts}.dts`, system(starts))}`;
    const ran = await timed([process.execPath, `${program.folder}/dist/partita.js`, 'run', file], program.folder);
    expect(ran.output).toContain(`disk: start ${starts}, 3 interrupts`);
    memory.push(ran.memory);
  }
  const [few = 0, many = 0] = memory;
  expect(few).toBeGreaterThan(50);
  expect(many).toBeLessThan(few + MARGIN);
});
