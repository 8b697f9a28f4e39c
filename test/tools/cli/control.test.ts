/** A simulation that runs, and the command line's verbs for it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Client, GoneError, RefusedError } from '../../../tools/cli/control-client.ts';
import { makeFolder, socketOf } from '../../../tools/cli/control-folder.ts';
import { type ControlVerb, isControlVerb, runVerb } from '../../../tools/cli/control-verbs.ts';
import { helpOf } from '../../../tools/cli/verb-text.ts';
import { VERB_NAMES } from '../../../tools/cli/verbs.ts';
import { Program } from './program.ts';

const VERBS = VERB_NAMES.filter(isControlVerb);
const words = (...all: number[]) =>
  Uint8Array.from(all.flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff)));
/** B to itself; WFI without end. */
const [BUSY, WAITS] = [words(0xeafffffe), words(0xe320f003, 0xeafffffd)];

const partition = (name: string, image: string, more = '') => `${name} {
  compatible = "xen,domain"; cpus = <1>; memory = <0x0 64>; vpl011; ${more}
  module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "${image}"; partita,load-address = <0x0 0x40000000>; };
};`;

let program: Program;
let simulation: ChildProcess;
const started: ChildProcess[] = [];
let ended: Promise<number | null>;

/** Starts a simulation and waits until it can be reached. */
async function start(name: string): Promise<void> {
  simulation = spawn(
    process.execPath,
    ['dist/partita.js', 'run', 'system.dts', '--name', name, '--quiet', '--engine', 'jit', '--report', `${name}.json`],
    { cwd: program.folder, env: { ...process.env }, stdio: 'ignore' },
  );
  started.push(simulation);
  ended = new Promise((resolve) => simulation.once('exit', (status) => resolve(status)));
  for (let i = 0; i < 1000; i++) {
    if ((await verb('ps', '--name', name)).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the simulation does not answer');
}

const statusOf = (error: unknown): number => (error instanceof GoneError ? 4 : error instanceof RefusedError ? 1 : 2);

/** A verb in this process: what it prints, or what it fails with. The last test but one runs the program itself. */
async function verb(name: ControlVerb, ...argv: readonly string[]) {
  let stdout = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  try {
    return { status: await runVerb(name, argv), stdout, stderr: '' };
  } catch (error) {
    return { status: statusOf(error), stdout: '', stderr: (error as Error).message };
  } finally {
    write.mockRestore();
  }
}

beforeAll(async () => {
  program = await Program.build();
  const folder = join(program.folder, 'rt');
  mkdirSync(folder, { mode: 0o700 });
  process.env['PARTITA_RUNTIME'] = folder;
  program.file('busy.bin', BUSY);
  program.file('waits.bin', WAITS);
  program.file(
    'system.dts',
    `#include "boards/virt/board.dts"\n/ { chosen {\n${partition('worker', 'busy.bin')}\n${partition('sleeper', 'waits.bin')}\n}; };\n`,
  );
}, 60_000);

afterAll(() => {
  for (const one of started) one.kill('SIGKILL');
  delete process.env['PARTITA_RUNTIME'];
  program.remove();
});

describe('without a simulation', () => {
  it.each(VERBS.filter((name) => name !== 'ps'))('%s says so in one line, with status 4', async (name) => {
    const stderr = 'no simulation is running (start one with partita run --name NAME SYSTEM.dts)';
    expect(await verb(name, ...(name === 'top' ? [] : ['worker']))).toEqual({ status: 4, stdout: '', stderr });
  });

  it('ps shows none, and a name that nobody has is said in one line', async () => {
    expect(await verb('ps')).toMatchObject({ status: 0, stdout: 'no simulation is running\n' });
    expect(await verb('ps', '--name', 'x')).toEqual({ status: 4, stdout: '', stderr: 'no simulation "x" is running' });
  });
});

describe('a simulation with a name', () => {
  beforeAll(() => start('sim'), 60_000);
  const states = async () => {
    const { partitions } = JSON.parse((await verb('stat', '--json')).stdout) as { partitions: { state: string }[] };
    return partitions.map((row) => row.state);
  };

  it('is listed with its partitions, and looked at', async () => {
    expect((await verb('ps')).stdout).toMatch(/sim .*worker .*running[\s\S]*sleeper .*running/);
    expect((await verb('top', '--interval', '300ms', '--count', '2')).stdout).toMatch(
      /worker +│ running │ 0 +│ 0 +│ (9\d\.\d\d|100\.00) %/,
    );
    expect((await verb('stat', 'worker')).stdout).toMatch(/^worker: running, .*\n {2}exits: /);
    expect(await verb('logs', 'worker')).toMatchObject({ status: 0, stdout: '' });
  });

  it('pauses, resumes and restarts partitions, and tells when', async () => {
    expect((await verb('pause', 'worker')).stdout).toMatch(/^pause worker at \d+\.\d{6} s of virtual time\n$/);
    expect(await states()).toEqual(['paused', 'running']);
    expect(await verb('pause', 'worker')).toMatchObject({
      status: 1,
      stderr: '"worker" is paused, so it cannot be told to pause',
    });
    expect((await verb('resume', 'worker')).status).toBe(0);
    expect((await verb('restart', 'sleeper')).status).toBe(0);
    expect(await states()).toEqual(['running', 'running']);
    expect(await verb('pause', 'nobody')).toMatchObject({
      status: 2,
      stderr: 'there is no partition "nobody"; there are worker, sleeper',
    });
  });

  it('is what the program itself talks to: a console, a refusal, a name that is taken', () => {
    expect(program.run('console', 'worker')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(program.run('resume', 'worker')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'partita: "worker" is running, so it cannot be told to resume\n',
    });
    expect(program.run('run', 'system.dts', '--name', 'sim').stderr).toBe(
      'partita: --name sim: a simulation of that name runs already\n',
    );
    expect(program.run('top', '--help')).toMatchObject({ status: 0, stdout: helpOf('top') });
  });

  it('drops who sends it what is no request', async () => {
    for (const nonsense of ['null', '7', '"x"', 'no JSON', '']) {
      const socket = connect(socketOf('sim'), () => socket.write(`${nonsense}\n`));
      await once(socket, 'close');
    }
    expect((await verb('ps')).stdout).toContain('sim');
  });

  it('is looked at by who reads only the beginning', () => {
    const line = `"${process.execPath}" dist/partita.js top --interval 10ms --name sim | head -c 1`;
    const { stderr } = spawnSync('sh', ['-c', line], { cwd: program.folder, encoding: 'utf8', timeout: 20_000 });
    expect(stderr).toBe('');
  });

  it('ends when all are stopped, and its report has every command with its virtual time', async () => {
    for (const name of ['sleeper', 'worker']) expect((await verb('stop', name)).status).toBe(0);
    expect(await ended).toBe(1);
    const report = JSON.parse(readFileSync(join(program.folder, 'sim.json'), 'utf8'));
    const outside = report.outside as { at: number; what: string }[];
    expect(outside.map(({ what }) => what)).toEqual([
      'pause worker',
      'resume worker',
      'restart sleeper',
      'stop sleeper',
      'stop worker',
    ]);
    for (const [i, { at }] of outside.entries()) expect(at).toBeGreaterThanOrEqual(outside[i - 1]?.at ?? 0);
    expect(report.partitions[0].events[0]).toMatchObject({
      kind: 'managed',
      text: 'pause by the command line',
      at: outside[0]?.at,
    });
    expect((await verb('ps')).stdout).toBe('no simulation is running\n');
  });
});

describe('what is no socket', () => {
  it('is no simulation, and no reason to fail', async () => {
    mkdirSync(socketOf('folder'));
    expect(await verb('ps')).toMatchObject({ status: 0, stdout: 'no simulation is running\n' });
    expect(await verb('stat', '--name', 'folder')).toMatchObject({ status: 4 });
    expect(program.run('run', 'system.dts', '--name', 'folder', '--for', '1ms', '--quiet')).toMatchObject({ status: 2 });
    rmdirSync(socketOf('folder'));
  });

  it('is not cleared away', async () => {
    const file = socketOf('notes');
    writeFileSync(file, 'mine');
    expect(await verb('ps')).toMatchObject({ status: 0, stdout: 'no simulation is running\n' });
    const stderr = 'no simulation "notes" is running';
    for (const name of ['ps', 'stat'] as const) expect(await verb(name, '--name', 'notes')).toMatchObject({ status: 4, stderr });
    expect(program.run('run', 'system.dts', '--name', 'notes', '--for', '1ms', '--quiet')).toMatchObject({ status: 2 });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    rmSync(file);
  });
});

describe('a simulation that does not answer', () => {
  it('is told in one line, and keeps ps from nothing else', async () => {
    const silent = createServer(() => {});
    silent.listen(socketOf('silent'));
    await once(silent, 'listening');
    const before = performance.now();
    expect(await verb('ps')).toEqual({ status: 4, stdout: '', stderr: 'the simulation "silent" does not answer' });
    expect(performance.now() - before).toBeLessThan(9000);
    silent.close();
  });
});

describe('a folder that nobody can make', () => {
  it('is an error in one line', () => {
    const before = process.env['PARTITA_RUNTIME'];
    process.env['PARTITA_RUNTIME'] = '/proc/none/deep';
    expect(makeFolder).toThrow(/^\/proc\/none\/deep: cannot be made \(ENOENT/);
    process.env['PARTITA_RUNTIME'] = before;
  });
});

describe('a folder without a name', () => {
  it('is an error in one line', async () => {
    const before = process.env['PARTITA_RUNTIME'];
    process.env['PARTITA_RUNTIME'] = '';
    expect(await verb('ps')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'PARTITA_RUNTIME is empty: set it to a folder, or unset it',
    });
    expect(makeFolder).toThrow('PARTITA_RUNTIME is empty');
    process.env['PARTITA_RUNTIME'] = before;
  });
});

describe('a simulation that stands still for a while', () => {
  it('does nothing for who has gone meanwhile', async () => {
    await start('slow');
    const early = await Client.open('slow');
    await early.state();
    simulation.kill('SIGSTOP');
    const late = await Client.open('slow');
    for (const client of [early, late])
      await expect(client.ask({ ask: 'pause', partition: 'worker' }, 100)).rejects.toThrow('does not answer');
    simulation.kill('SIGCONT');
    const now = await Client.open('slow');
    await now.state();
    const { outside, partitions } = await now.state();
    expect([outside, partitions[0]?.state]).toEqual([[], 'running']);
    now.close();
    simulation.kill('SIGKILL');
    await ended;
    expect((await verb('ps')).stdout).toBe('no simulation is running\n');
  });
});

describe('a simulation that died', () => {
  it('is said to be dead, and cleared away', async () => {
    await start('gone');
    const client = await Client.open('gone');
    simulation.kill('SIGKILL');
    await ended;
    await client.closed();
    await expect(client.state()).rejects.toThrow('the simulation "gone" has ended');
    const stderr = 'the simulation "gone" is dead: it left its socket behind';
    expect(await verb('stop', 'worker', '--name', 'gone')).toEqual({ status: 4, stdout: '', stderr });
    expect((await verb('stop', 'worker', '--name', 'gone')).stderr).toBe('no simulation "gone" is running');
  });
});
