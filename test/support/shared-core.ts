/** Control and somebody else on one core, under the schedule that a test names: what control feels of the other. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { Files } from '../../core/machine/devicetree/dts-preprocessor.ts';
import { type System, startSystem } from '../../core/machine/system/system.ts';
import { Wasm } from '../../tools/host/wasm.ts';
import { Assembler } from '../core/hyp/assembler.ts';
import { enableInterrupts, handleInterrupt } from '../core/hyp/guest.ts';
import { GUEST_RAM } from '../core/hyp/system.ts';
import { makeHogs } from './hogs.ts';

const FOLDER = 'boards/vexpress-a15';

export const CYCLIC = `schedule {
  compatible = "partita,cyclic";
  partita,frame-ns = <1000000>;
  core0 { partita,core = <0>; partita,windows = <0 250000 &control 0>, <250000 600000 &third 0>, <900000 50000 &telemetry 0>; };
};`;
export const ROUND_ROBIN = 'schedule { compatible = "partita,round-robin"; partita,slice-ns = <1000000>; };';
export const PRIORITY = `schedule {
  compatible = "partita,fixed-priority";
  partita,servers = <&control 0 30 200000 1000000>, <&telemetry 0 20 100000 1000000>, <&third 0 10 500000 1000000>;
};`;

export interface Crowd {
  readonly schedule: string;
  /** What runs beside control and telemetry: a hog of test/support/hogs.ts by name, 'rogue', or a guest that waits for ever. */
  readonly third?: string;
  readonly engine?: 'interpreter' | 'jit';
  /** Properties of the third. */
  readonly more?: string;
}

/** Rounds of nothing after each round of a storm, for the sake of the host. */
const PAUSE = 100;
const WAITS = Uint8Array.from([0x03, 0xf0, 0x20, 0xe3, 0xfd, 0xff, 0xff, 0xea]);

export function startCrowd({ schedule, third, engine = 'jit', more = '' }: Crowd): System {
  const text = `#include "demo.dts"
/ {
  chosen {
    ${schedule}
    control: control { partita,cores = <0>; };
    telemetry: telemetry { partita,cores = <0>; };
    /delete-node/ rogue;
    third: third {
      compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>; vpl011; partita,cores = <0>; ${more}
      module@0 {
        compatible = "multiboot,kernel", "multiboot,module";
        ${third === 'rogue' ? 'partita,image = "../../guests/rogue/rogue.elf";' : 'partita,image = "third.bin"; partita,load-address = <0x0 0x40000000>;'}
      };
    };
  };
};
`;
  const own: Record<string, Uint8Array> = {
    [`${FOLDER}/variant.dts`]: new TextEncoder().encode(text),
    [`${FOLDER}/third.bin`]: (third === undefined ? WAITS : makeHogs(PAUSE).get(third)) ?? WAITS,
  };
  const files: Files = {
    readFile: (path) => Object.entries(own).find(([name]) => resolve(name) === resolve(path))?.[1] ?? readFileSync(path),
  };
  const options = engine === 'jit' ? { wasm: new Wasm() } : {};
  return startSystem(parseDts(`${FOLDER}/variant.dts`, files), files, options);
}

/** What control feels in so many virtual nanoseconds: the lateness of its timer, and each time at which it left to the hypervisor. */
export function feel(crowd: Crowd, time: number) {
  const { machine, hypervisor } = startCrowd(crowd);
  const exits: string[] = [];
  hypervisor.watch.trace = (event) => {
    if (event.kind === 'exit' && event.partition === 0) exits.push(`${event.cause} ${machine.clock.now()}`);
  };
  machine.run(time);
  const report = hypervisor.report();
  const [control, telemetry, third] = hypervisor.partitions.map(({ vcpus }) =>
    hypervisor.measurements.vcpuReport(vcpus[0] as never),
  );
  return { control, telemetry, third, exits, report, text: machine.consoles.get('control')?.text() ?? '', machine, hypervisor };
}

export const hogNames = (): string[] => [...makeHogs(PAUSE).keys()];

const [NOTIFY, TIMER, TIMER_IRQ, BELL_IRQ] = [0x86000011, 0x1c110000, 34, 48];

/** Answers a timer of the board, each 37 microseconds, and a doorbell; sleeps in between. */
function answering(): Uint8Array {
  const a = new Assembler(GUEST_RAM);
  a.b('start')
    .org(GUEST_RAM + 0x18)
    .b('irq')
    .org(GUEST_RAM + 0x20);
  a.label('start').mov(0, GUEST_RAM).mcr('VBAR', 0);
  enableInterrupts(a, TIMER_IRQ, BELL_IRQ);
  a.mov(4, TIMER).mov(0, 37).str(0, 4).mov(0, 0xe2).str(0, 4, 8).cpsie().label('loop').wfi().b('loop').label('irq');
  handleInterrupt(a, () => a.mov(5, TIMER).str(5, 5, 0xc));
  return a.bytes();
}

/** Rings the doorbell of channel 0 as often as it may. */
function ringing(): Uint8Array {
  const a = new Assembler(GUEST_RAM);
  a.label('ring').call(NOTIFY, 0).mov(5, 317).label('rest').subs(5, 5, 1).bne('rest').b('ring');
  return a.bytes();
}

const end = (role: string, own: string, other: string) => `
      frames@60000000 {
        compatible = "xen,domain-shared-memory-v1"; role = "${role}"; xen,shm-id = "bells";
        xen,shared-mem = <0x0 0xbfe00000 0x0 0x60000000 0x0 0x1000>;
      };
      ${own}: doorbell { compatible = "xen,evtchn-v1"; xen,evtchn = <1 &${other}>; partita,channel = "bells"; };`;

/** One that is busy beside one that has a device's interrupts and is rung at from another core; or beside nothing of it. */
export function feelInterrupts(disturbed: boolean, time: number) {
  const own: Record<string, Uint8Array> = {
    'third.bin': disturbed ? answering() : WAITS,
    'ringer.bin': disturbed ? ringing() : WAITS,
    'observer.bin': makeHogs(0).get('a busy loop') as Uint8Array,
  };
  const raw = (name: string, image: string, core: number, more: string) => `
    ${name}: ${name} {
      compatible = "xen,domain"; #address-cells = <2>; #size-cells = <2>; cpus = <1>; memory = <0x0 1024>; partita,cores = <${core}>;
      ${more}
      module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "${image}"; partita,load-address = <0x0 0x40000000>; };
    };`;
  const text = `#include "demo.dts"
/ {
  chosen {
    schedule {
      compatible = "partita,cyclic"; partita,frame-ns = <1000000>;
      core0 { partita,core = <0>; partita,windows = <0 250000 &observer 0>, <250000 300000 &third 0>, <550000 450000 &observer 0>; };
      core1 { partita,core = <1>; partita,windows = <100000 400000 &ringer 0>, <600000 350000 &ringer 0>; };
    };
    /delete-node/ control;
    /delete-node/ telemetry;
    /delete-node/ rogue;
    ${raw('observer', 'observer.bin', 0, '')}
    ${raw('third', 'third.bin', 0, `partita,devices = <&{/motherboard/timer@1c110000}>; ${end('owner', 'third_bell', 'ringer_bell')}`)}
    ${raw('ringer', 'ringer.bin', 1, end('borrower', 'ringer_bell', 'third_bell'))}
  };
};
`;
  own['variant.dts'] = new TextEncoder().encode(text);
  const files: Files = {
    readFile: (path) => Object.entries(own).find(([name]) => resolve(FOLDER, name) === resolve(path))?.[1] ?? readFileSync(path),
  };
  const { machine, hypervisor } = startSystem(parseDts(`${FOLDER}/variant.dts`, files), files, { wasm: new Wasm() });
  const exits: string[] = [];
  hypervisor.watch.trace = (event) => {
    if (event.kind === 'exit' && event.partition === 0) exits.push(`${event.cause} ${machine.clock.now()}`);
  };
  machine.run(time);
  const [observer, third] = hypervisor.report();
  return { exits, observer, third };
}
