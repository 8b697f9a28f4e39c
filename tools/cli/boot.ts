/** `partita boot`: a bare machine. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { applyOptions } from '../../core/machine/board.ts';
import { type BootOptions, bootMachine } from '../../core/machine/boot.ts';
import { readDtb } from '../../core/machine/devicetree/dtb-reader.ts';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { DeviceTree } from '../../core/machine/devicetree/tree.ts';
import { ImageError } from '../../core/machine/images/error.ts';
import { looksLikeCode, readImage } from '../../core/machine/images/image.ts';
import type { MakeMachine } from '../../core/machine/lockstep.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { attachSemihosting } from '../../core/machine/semihosting.ts';
import { boardFile, boardNames } from './boards.ts';
import { withGdb } from './debugging.ts';
import { readFile } from './files.ts';
import { type HostDevices, withDevices } from './host-devices.ts';
import { KeptTranslations } from './kept-translations.ts';
import type { Launched } from './launched.ts';
import { type BootArguments, bootArguments, engineOptions } from './options.ts';
import { RunFiles } from './run-files.ts';
import { FolderFiles } from './semihosting-files.ts';
import { runSession } from './session.ts';
import { addDevices } from './slots.ts';
import { printUnmodelled } from './table.ts';
import { withTracing } from './tracing.ts';
import { UsageError } from './usage.ts';
import { verifySession } from './verify.ts';

export async function boot(argv: readonly string[], launched?: Launched): Promise<number> {
  const options = bootArguments(argv);
  const image = readFile(options.image, 'image');
  if (options.verify) return verifySession((engine, host) => start(options, image, host, ...engine), options, false);
  const kept = KeptTranslations.of(options, launched, [
    'boot',
    options.board,
    String(options.cores ?? ''),
    resolve(options.image),
  ]);
  return withDevices(options, async (host) => {
    const machine = start(options, image, host, options.engine, { kept: kept?.read() });
    host.join(machine);
    if (!options.quiet) printUnmodelled(machine.unmodelled.map(({ path }) => path));
    await host.networks.ready();
    const subject = { machine, networks: host.networks, launched, kept };
    const session = () => withGdb(options.gdb, [machine], (gdb) => runSession(gdb ? { ...subject, gdb } : subject, options));
    const programs = [{ partition: undefined, file: options.image }];
    return withTracing({ machine, hypervisor: undefined, programs }, options.tracing, session);
  });
}

/** A machine about to run the image. */
function start(options: BootArguments, image: Uint8Array, host: HostDevices, ...engine: Parameters<MakeMachine>): Machine {
  const files = new RunFiles();
  const tree = readBoard(options.board, files);
  const { memory, cores, cpu, el } = options;
  applyOptions(tree, {
    virtualization: el === 'hyp',
    firmware: options.firmware,
    ...(memory === undefined ? {} : { memory }),
    ...(cores === undefined ? {} : { cores }),
    ...(cpu === undefined ? {} : { cpu }),
  });
  addDevices(tree.root, options.devices, options.virtioVersion);
  const machine = load(tree, image, options, { virtio: host, ...engineOptions(...engine) });
  files.check(options, host);
  if (options.semihosting) addSemihosting(machine, options);
  return machine;
}

function addSemihosting(machine: Machine, { semihostingRoot: root, image, append }: BootArguments): void {
  if (!existsSync(root)) throw new UsageError(`--semihosting-root ${root}: there is no such folder`);
  attachSemihosting(machine, { files: new FolderFiles(root), commandLine: `${image} ${append ?? ''}`.trim() });
}

/** A board of ours by name, or a description of one's own. */
function readBoard(board: string, files: RunFiles): DeviceTree {
  const file = boardFile(board) ?? (board.includes('.') || board.includes('/') ? board : undefined);
  if (file === undefined)
    throw new UsageError(`--board ${board}: unknown; there are ${boardNames().join(' and ')}, or give a .dts or .dtb file`);
  if (!file.endsWith('.dtb')) return parseDts(file, files);
  files.note(file);
  return readDtb(readFile(file, 'board'), file);
}

/** What has no header is run as it is, so it should at least start like code: random bytes are not worth a run. */
function checkImage(image: Uint8Array, firmware: boolean): void {
  const raw = firmware || readImage(image).kind === 'raw';
  if (!raw || looksLikeCode(image)) return;
  throw new ImageError(
    firmware
      ? 'does not start with A32 code: raw firmware for the flash is needed'
      : 'neither ELF, zImage nor uImage, and it does not start with A32 code as a raw image does',
  );
}

function load(tree: DeviceTree, image: Uint8Array, options: BootArguments, host: Partial<BootOptions>): Machine {
  const { firmware, append, el } = options;
  const more: Partial<BootOptions> = {
    ...(append === undefined ? {} : { append }),
    ...(options.dtb === undefined ? {} : { dtb: readFile(options.dtb, 'device tree') }),
    ...(options.initrd === undefined ? {} : { initrd: readFile(options.initrd, 'initial RAM disk') }),
  };
  try {
    checkImage(image, firmware);
    return bootMachine(tree, { image, firmware, el, ...more, ...host });
  } catch (error) {
    if (error instanceof ImageError) throw new ImageError(`${options.image}: ${error.message}`);
    throw error;
  }
}
