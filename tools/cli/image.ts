/** `partita image`: information on disk images, and work on them. */
import { unlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Format, type Layer, naming, openChain } from '../../core/storage/chain.ts';
import { commit, copyVolume } from '../../core/storage/copy.ts';
import { DiskError } from '../../core/storage/error.ts';
import { type CheckResult, checkQcow2, repairQcow2 } from '../../core/storage/qcow2/check.ts';
import { createQcow2, type NewImage } from '../../core/storage/qcow2/create.ts';
import { isQcow2 } from '../../core/storage/qcow2/header.ts';
import { Qcow2 } from '../../core/storage/qcow2/image.ts';
import { Raw } from '../../core/storage/raw.ts';
import type { Volume } from '../../core/storage/volume.ts';
import { createFile, type HostFile, INFLATERS, imageFolder } from './image-files.ts';
import { type ImageArguments, imageArguments } from './image-options.ts';
import { checkText, infoText, jsonInfo } from './image-text.ts';
import { IMAGE_USAGE } from './image-usage.ts';
import { STATUS, UsageError } from './usage.ts';

const VERBS: Readonly<Record<string, (given: ImageArguments) => number>> = { info, create, convert, commit: commitImage, check };

export function image(argv: readonly string[]): number {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === 'help' || argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(IMAGE_USAGE);
    return verb === undefined ? STATUS.usage : STATUS.ended;
  }
  const act = VERBS[verb];
  if (act === undefined)
    throw new UsageError(`there is no "image ${verb}": use ${Object.keys(VERBS).join(', ')} (partita image --help)`);
  try {
    return act(imageArguments(verb, rest));
  } catch (error) {
    if (error instanceof DiskError) throw new UsageError(error.message);
    throw error;
  }
}

/** Opens, acts, and closes again. */
function using<T>(path: string, given: ImageArguments, writable: number, act: (layers: readonly Layer[]) => T): T {
  const layers = openChain(imageFolder(given.folder, path), path, { format: given.format, writable, inflaters: INFLATERS });
  try {
    return naming(path, () => act(layers));
  } finally {
    topOf(layers).close();
  }
}

/** It closes what it lies over. */
const topOf = (layers: readonly Layer[]): Volume => (layers[0] as Layer).volume;

function info(given: ImageArguments): number {
  const { file, json } = given;
  using(file, given, 0, (layers) => {
    process.stdout.write(json ? `${JSON.stringify(jsonInfo(layers), null, 2)}\n` : infoText(layers));
  });
  return STATUS.ended;
}

function create(given: ImageArguments): number {
  const { file, size, backing } = given;
  const format = given.format ?? 'qcow2';
  if (backing === undefined && size === undefined) throw new UsageError(`the size is missing: partita image create ${file} 8G`);
  if (backing !== undefined && format === 'raw')
    throw new UsageError('--backing: a raw image lies over nothing; leave --format away');
  const below = backing === undefined ? undefined : backingOf(given, backing);
  const bytes = size ?? below?.size ?? 0;
  const made = {
    ...given.shape,
    size: bytes,
    ...(below === undefined ? {} : { backing: { name: backing as string, format: below.format } }),
  };
  writing(file, given.force, (target) => makeImage(target, format, made));
  return STATUS.ended;
}

/** Looks whether it is there and can be used, as it will be when the new image is opened. */
function backingOf(given: ImageArguments, name: string): { readonly size: number; readonly format: Format } {
  const folder = imageFolder(given.folder, given.file);
  const path = folder.resolve(given.file, name);
  const layers = openChain(folder, path, { format: given.backingFormat, writable: 0, inflaters: INFLATERS });
  const { volume, format } = layers[0] as Layer;
  volume.close();
  return { size: volume.size, format };
}

function makeImage(target: HostFile, format: Format, made: NewImage): void {
  target.truncate(0);
  if (format === 'qcow2') createQcow2(target, made);
  else target.truncate(made.size);
}

/** A file that could not be made properly is removed again, if it was not there before. */
function writing(path: string, force: boolean, act: (target: HostFile) => void): void {
  const target = createFile(path, force);
  try {
    naming(path, () => act(target));
    target.close();
  } catch (error) {
    target.close();
    if (!force) unlinkSync(path);
    throw error;
  }
}

function convert(given: ImageArguments): number {
  const { file, to } = given;
  if (to === undefined) throw new UsageError('the new image is missing: partita image convert FROM TO');
  const format = given.toFormat ?? (/\.qcow2$/i.test(to) ? 'qcow2' : 'raw');
  using(file, given, 0, (layers) => {
    if (layers.some(({ path }) => resolve(path) === resolve(to)))
      throw new UsageError(`${to}: it cannot be written while it is read`);
    writing(to, given.force, (target) => {
      const from = topOf(layers);
      makeImage(target, format, { ...given.shape, size: from.size });
      const volume = format === 'raw' ? new Raw(target, false) : new Qcow2(target, undefined, INFLATERS);
      copyVolume(from, volume, 2 ** given.shape.clusterBits);
    });
  });
  return STATUS.ended;
}

function commitImage(given: ImageArguments): number {
  return using(given.file, given, 2, ([top, base]) => {
    if (!(top?.volume instanceof Qcow2) || base === undefined)
      throw new UsageError(`${given.file}: it lies over nothing to commit to`);
    const written = commit(top.volume, base.volume);
    process.stdout.write(`${written} bytes written to ${base.path}\n`);
    return STATUS.ended;
  });
}

function check(given: ImageArguments): number {
  const { file, repair, json } = given;
  const found = onFile(file, repair !== undefined, (opened) => {
    if (repair !== undefined) {
      const { leaks, lowRefcounts } = repairQcow2(opened, repair);
      process.stderr.write(`mended: ${leaks} leaks, ${lowRefcounts} refcounts that were too low\n`);
    }
    return checkQcow2(opened);
  });
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : checkText(found));
  return found.corruptions > 0 ? STATUS.failed : found.leaks > 0 ? STATUS.limit : STATUS.ended;
}

function onFile(path: string, writable: boolean, act: (file: HostFile) => CheckResult): CheckResult {
  const { file } = imageFolder(dirname(resolve(path)), path).open(path, writable);
  try {
    if (!isQcow2(file)) throw new UsageError(`${path}: there is nothing to check in a raw image`);
    return naming(path, () => act(file as HostFile));
  } finally {
    file.close();
  }
}
