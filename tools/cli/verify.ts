/** `--verify`: both engines in lockstep, and what they did where they first differ. */

import { type Divergence, type MakeMachine, verify } from '../../core/machine/lockstep.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { findConsole, showAll } from './consoles.ts';
import { HostDevices } from './host-devices.ts';
import type { RunOptions } from './options.ts';
import { STATUS } from './usage.ts';

/** Makes a machine with an engine and devices of its own. */
export type MakeWith = (engine: Parameters<MakeMachine>, devices: HostDevices) => Machine;

/** Runs to the limits or the end. Status 0: both were the same all the time. No disk is written. */
export function verifySession(makeWith: MakeWith, options: RunOptions, hosted: boolean): number {
  const opened: HostDevices[] = [];
  let made = 0;
  const make: MakeMachine = (...engine) => {
    const devices = new HostDevices({ snapshot: true, replay: options.replay }, false);
    opened.push(devices);
    const machine = makeWith(engine, devices);
    devices.join(machine);
    prepare(machine, options, hosted);
    // The first one is interpreted; those that look for a difference show nothing again.
    if (made++ === 0 && !options.quiet) showAll(machine.consoles.values(), (text) => process.stdout.write(text));
    return machine;
  };
  try {
    const { time, divergence } = verify(make, { until: options.until, instructions: options.instructions });
    if (divergence === undefined) process.stderr.write(`both engines were in the same state up to ${milliseconds(time)}\n`);
    else process.stderr.write(describe(divergence));
    return divergence === undefined ? STATUS.ended : STATUS.failed;
  } finally {
    for (const devices of opened) devices.close();
  }
}

const milliseconds = (time: number): string => `${(time / 1e6).toFixed(6)} ms of virtual time`;

/** Types the input, and ends the machine when all expected texts were shown. */
function prepare(machine: Machine, { inputs, expects }: RunOptions, hosted: boolean): void {
  for (const { console, bytes } of inputs) findConsole(machine.consoles, console, hosted).typePatiently(bytes);
  const missing = new Set(expects);
  for (const expected of expects) {
    const { bytes } = expected;
    let recent: number[] = [];
    findConsole(machine.consoles, expected.console, hosted).onOutput((byte) => {
      recent = [...recent, byte].slice(-bytes.length);
      if (recent.length < bytes.length || recent.some((one, i) => one !== bytes[i])) return;
      if (missing.delete(expected) && missing.size === 0) machine.end({ kind: 'stopped' });
    });
  }
}

function describe({ from, to, differences, trace }: Divergence): string {
  const lines = [
    `the engines differ: the same at ${milliseconds(from)}, no longer at ${milliseconds(to)}`,
    ...differences.map((line) => `  ${line}`),
    'what the interpreter executed last (ns, address, instruction, what it changed):',
    ...trace.map((line) => `  ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}
