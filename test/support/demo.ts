/** The demo system of boards/vexpress-a15 in process, and variants of it in which something else takes rogue's place. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FaultReport, RegionConfig } from '../../core/hyp/config.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { Files } from '../../core/machine/devicetree/dts-preprocessor.ts';
import { type System, startSystem } from '../../core/machine/system/system.ts';

const FOLDER = 'boards/vexpress-a15';

/** Where the guests have their RAM, and a raw image of a hog its start. */
export const GUEST_RAM = 0x40000000;

export interface Variant {
  /** What runs instead of rogue: raw code for the start of its RAM, or nothing. Without it, rogue itself. */
  readonly third?: Uint8Array | 'nothing';
  /** Gives the third partition a core of its own, the board's third. Otherwise it shares core 1 with telemetry. */
  readonly ownCore?: boolean;
  readonly onFault?: 'log' | 'restart' | 'stop';
}

const THIRD_CORE = 'cpus { cpu@2 { device_type = "cpu"; compatible = "arm,cortex-a15"; reg = <2>; }; };';

function overlay({ third, ownCore = false, onFault = 'log' }: Variant): string {
  const kernel = third === undefined ? '' : 'module@0 { partita,image = "third.bin"; partita,load-address = <0x0 0x40000000>; };';
  const change = `rogue { partita,cores = <${ownCore ? 2 : 1}>; partita,on-fault = "${onFault}"; ${kernel} };`;
  return `#include "demo.dts"
/ {
  ${ownCore ? THIRD_CORE : ''}
  chosen { ${third === 'nothing' ? '/delete-node/ rogue;' : change} };
};
`;
}

export function startDemo(variant: Variant = {}): System {
  const { third } = variant;
  const own: Record<string, Uint8Array> = { [`${FOLDER}/variant.dts`]: new TextEncoder().encode(overlay(variant)) };
  if (third instanceof Uint8Array) own[`${FOLDER}/third.bin`] = third;
  const files: Files = {
    readFile: (path) => Object.entries(own).find(([name]) => resolve(name) === resolve(path))?.[1] ?? readFileSync(path),
  };
  return startSystem(parseDts(`${FOLDER}/variant.dts`, files), files);
}

/** The description as it is in the repository. */
export function startFile(name: string): System {
  const files: Files = { readFile: (path) => readFileSync(path) };
  return startSystem(parseDts(`${FOLDER}/${name}`, files), files);
}

export const consoleOf = ({ machine }: System, name: string): string => machine.consoles.get(name)?.text() ?? '';

/** What the partition's memory holds: RAM and channels, in the order of its regions. */
export function memoryOf({ machine, hypervisor }: System, name: string, kind: RegionConfig['kind'] = 'ram'): Uint8Array[] {
  const regions = hypervisor.config.partitions.find((partition) => partition.name === name)?.regions ?? [];
  return regions.filter((region) => region.kind === kind).map(({ pa, size }) => machine.map.dump(pa, size) as Uint8Array);
}

export function reportOf({ hypervisor }: System, name: string) {
  const found = hypervisor.report().find((report) => report.name === name);
  if (found === undefined) throw new Error(`no partition ${name}`);
  return found;
}

/** More virtual time than the demo takes. */
export const runToEnd = ({ machine }: System) => machine.run(10_000_000_000);

/**
 * What the report will say of each of rogue's attacks: the faults between its line on the console and the line before.
 * To be called before the run; filled while it runs.
 */
export function attacksOf({ machine, hypervisor }: System): Map<string, readonly FaultReport[]> {
  const attacks = new Map<string, readonly FaultReport[]>();
  let line = '';
  let told = 0;
  machine.consoles.get('rogue')?.onOutput((byte) => {
    if (byte !== 10) {
      line += String.fromCharCode(byte);
      return;
    }
    const name = /^rogue: \d+ ([a-z0-9-]+): /.exec(line)?.[1];
    const faults = hypervisor.report().find((report) => report.name === 'rogue')?.faults ?? [];
    if (name !== undefined) attacks.set(name, faults.slice(told));
    told = faults.length;
    line = '';
  });
  return attacks;
}
