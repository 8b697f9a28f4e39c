/** What the host has for the virtio devices of a machine: image files, folders, its own network, and captures that it writes. */
import { statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { BUILT, type Node, type Property } from '../../core/machine/devicetree/tree.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { VirtioHost } from '../../core/machine/virtio.ts';
import { FORMATS } from '../../core/storage/chain.ts';
import { DiskError } from '../../core/storage/error.ts';
import { HostNetworks, type NetworkOptions } from './host-networks.ts';
import { type DiskOptions, type OpenDisk, openDisk } from './image-files.ts';
import { checkCapture, PcapFile } from './pcap-file.ts';
import { Places } from './places.ts';
import { SharedFolder } from './shared-folder.ts';
import { STATUS, UsageError, whyNot } from './usage.ts';

type Needed<K extends keyof VirtioHost> = NonNullable<VirtioHost[K]>;

export interface HostOptions extends NetworkOptions {
  /** No disk is written. */
  readonly snapshot: boolean;
}

export class HostDevices implements VirtioHost {
  readonly #options: HostOptions;
  readonly #disks: { readonly path: string; readonly open: OpenDisk }[] = [];
  readonly #captures: { readonly path: string; readonly file: PcapFile }[] = [];
  /** Where captures would be written, of a description that is only looked at. */
  readonly #checked = new Set<string>();
  readonly #places = new Places();
  readonly networks: HostNetworks;

  /** `live`: whether the host's network may be used. */
  constructor(options: HostOptions, live = true) {
    this.#options = options;
    this.networks = new HostNetworks(options, live);
  }

  disk(name: string, node: Node): ReturnType<Needed<'disk'>> {
    const property = node.need('partita,disk');
    const format = node.get('partita,format');
    const known = FORMATS.find((one) => one === format?.string());
    if (format !== undefined && known === undefined)
      throw format.fail(`names "${format.string()}"`, { expected: FORMATS.join(' or ') });
    const use = this.#use(node);
    return explain(property, '--drive', () => {
      const open = openDisk(placeOf(name, property), { format: known, use });
      this.#disks.push({ path: node.path, open });
      this.#places.takeDisk(dirname(node.path), open.files, use === 'write');
      return open.disk;
    });
  }

  folder(name: string, writable: boolean, node: Node): ReturnType<Needed<'folder'>> {
    const property = node.need('partita,folder');
    const place = placeOf(name, property);
    return explain(property, '--share', () => {
      if (!statSync(place).isDirectory()) throw new UsageError(`${place}: it is no folder`);
      this.#places.takeFolder(dirname(node.path), place, writable);
      return new SharedFolder(place, writable);
    });
  }

  capture(name: string, node: Node): ReturnType<Needed<'capture'>> {
    const property = node.need('partita,capture');
    const place = placeOf(name, property);
    if (this.#options.dry === true) {
      explain(property, '--net', () => checkCapture(place, this.#checked));
      return () => {};
    }
    const file = explain(
      property,
      '--net',
      () =>
        new PcapFile(
          place,
          this.#captures.map((one) => one.file),
        ),
    );
    this.#captures.push({ path: place, file });
    return (bytes) => file.write(bytes);
  }

  outside(node: Node, asked: Parameters<Needed<'outside'>>[1]): ReturnType<Needed<'outside'>> {
    return this.networks.link(node.path, asked);
  }

  /** The files of disks, and of what they lie over. */
  get images(): readonly string[] {
    return this.#disks.flatMap(({ open }) => open.files);
  }

  /** The files that captures are written to. */
  get captures(): readonly string[] {
    return this.#captures.map(({ path }) => path);
  }

  /** From now on captures are written. */
  begin(): void {
    for (const { file } of this.#captures) file.begin();
  }

  /** The machine is made, and may run. Changes to disks that stay in memory are state of it. */
  join(machine: Machine): void {
    this.begin();
    for (const { path, open } of this.#disks) {
      if (open.overlay !== undefined) machine.parts.push({ path: `${path} disk`, device: open.overlay });
    }
  }

  /** Writes what is left and gives all files back. Returns what went wrong, a line each. */
  close(): string[] {
    const problems = this.networks.close();
    for (const { open } of this.#disks) {
      try {
        open.close();
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        problems.push(error.message);
      }
    }
    for (const { file } of this.#captures) {
      const problem = file.close();
      if (problem !== undefined) problems.push(problem);
    }
    return problems;
  }

  #use(node: Node): DiskOptions['use'] {
    if (node.has('partita,read-only')) return 'read';
    return this.#options.snapshot || node.has('partita,snapshot') ? 'snapshot' : 'write';
  }
}

/** Runs something that has devices, and gives their files back whatever happens. Returns its status, or that of a failure if one could not be written. */
export async function withDevices(options: HostOptions, act: (host: HostDevices) => Promise<number>): Promise<number> {
  const host = new HostDevices(options);
  let problems: readonly string[] = [];
  let status: number;
  try {
    status = await act(host);
  } finally {
    problems = host.close();
    for (const problem of problems) process.stderr.write(`partita: ${problem}\n`);
  }
  return problems.length > 0 && status === STATUS.ended ? STATUS.failed : status;
}

/** A name of a description counts from the folder of its source, one of the command line from here. */
function placeOf(name: string, { origin }: Property): string {
  return origin === BUILT || isAbsolute(name) ? name : join(dirname(origin.file), name);
}

/** What goes wrong is said of the option, or of the place in the description that named the file. */
function explain<T>(property: Property, option: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof DiskError || error instanceof UsageError) && code === undefined) throw error;
    const known = whyNot(code);
    const why = known === undefined ? message : `${property.string()}: ${known}`;
    if (property.origin === BUILT) throw new UsageError(`${option} ${why}`);
    throw property.fail(`cannot be used: ${why}`);
  }
}
