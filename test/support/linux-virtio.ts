/** Linux on the bare virt board with virtio devices, for the tests to run as one bundle (see `bundled.ts`). */
import { readFileSync } from 'node:fs';
import { applyOptions } from '../../core/machine/board.ts';
import { bootMachine } from '../../core/machine/boot.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { SharedFolder } from '../../tools/cli/shared-folder.ts';
import { memoryDisk } from './memory-disk.ts';

const SLOTS = `
  virtio_mmio@a003e00 { partita,virtio = "block"; partita,disk = "disk"; partita,virtio-version = <2>; };
  virtio_mmio@a003c00 { partita,virtio = "net"; partita,network = "host"; partita,virtio-version = <2>; };
  virtio_mmio@a003a00 { partita,virtio = "entropy"; partita,virtio-version = <2>; };
  virtio_mmio@a003800 { partita,virtio = "9p"; partita,folder = "docs"; partita,tag = "docs"; partita,virtio-version = <2>; };
  virtio_mmio@a003600 { partita,virtio = "balloon"; partita,balloon-pages = <4096>; partita,virtio-version = <2>; };
  virtio_mmio@a003400 { partita,virtio = "console"; partita,virtio-version = <2>; };`;

/** A neighbour at 10.0.2.2 that answers ARP requests and pings. */
function neighbour(): { send(frame: Uint8Array): void; onReceive(listener: (frame: Uint8Array) => void): void } {
  const mac = [0x52, 0x55, 10, 0, 2, 2];
  let receive: (frame: Uint8Array) => void = () => {};
  const send = (frame: Uint8Array): void => {
    const answer = frame.slice();
    answer.set(frame.subarray(6, 12), 0);
    answer.set(mac, 6);
    const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
    if (type === 0x806 && frame[21] === 1 && frame[41] === 2) {
      answer[21] = 2;
      answer.set(mac, 22);
      answer.set(frame.subarray(38, 42), 28);
      answer.set(frame.subarray(22, 32), 32);
      receive(answer);
    } else if (type === 0x800 && frame[23] === 1 && frame[34] === 8) {
      answer.set(frame.subarray(30, 34), 26);
      answer.set(frame.subarray(26, 30), 30);
      answer[34] = 0;
      const sum = ((frame[36] ?? 0) << 8) + (frame[37] ?? 0) + 0x800;
      answer.set([(sum + (sum >>> 16)) >>> 8, sum + (sum >>> 16)], 36);
      receive(answer);
    }
  };
  return {
    send,
    onReceive: (listener) => {
      receive = listener;
    },
  };
}

export interface Ran {
  readonly text: string;
  readonly hvc: string;
  readonly ending: string | undefined;
  readonly stateHash: string;
}

/** Virtual nanoseconds: between two looks for a prompt, and in all. */
const STEP = 5_000_000;
const LONGEST = 20_000_000_000;

/** Types each command at its prompt, and returns what was printed until the board is switched off. */
export function runLinux(kernel: string, initrd: string, commands: readonly string[], disk: Uint8Array, folder: string): Ran {
  const source = `#include "board.dts"\n/ {${SLOTS}\n};\n`;
  const files = {
    readFile: (path: string) => (path.endsWith('test.dts') ? new TextEncoder().encode(source) : readFileSync(path)),
  };
  const tree = parseDts('boards/virt/test.dts', files);
  applyOptions(tree, { memory: 256 << 20, virtualization: false });
  const virtio = { disk: () => memoryDisk(disk, 'serial'), network: () => neighbour(), folder: () => new SharedFolder(folder) };
  const images = { image: readFileSync(kernel), initrd: readFileSync(initrd) };
  const append = 'console=ttyAMA0 cryptomgr.notests';
  const machine = bootMachine(tree, { ...images, firmware: false, el: 'svc', append, virtio });
  const console = machine.consoles.get('serial0');
  const left = [...commands];
  for (let [time, from] = [0, 0]; machine.ending === undefined && time < LONGEST; time += STEP) {
    machine.run(time);
    const text = console?.text() ?? '';
    if (!text.includes('\n/ # ', from)) continue;
    from = text.length;
    console?.type(Buffer.from(`${left.shift() ?? ''}\n`, 'latin1'));
  }
  const hvc = machine.consoles.get('virtio_mmio@a003400')?.text() ?? '';
  return { text: console?.text() ?? '', hvc, ending: machine.ending?.kind, stateHash: machine.stateHash() };
}
