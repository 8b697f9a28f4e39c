/** Reads a domain's boot modules and says what goes where in the guest's memory, and how it is entered. */
import type { PartitionConfig, SegmentConfig } from '../../hyp/config.ts';
import type { Files } from '../devicetree/dts-preprocessor.ts';
import { ImageError } from '../images/error.ts';
import { type Image, readImage } from '../images/image.ts';
import type { Domain, Module } from './domain.ts';
import type { Findings } from './finding.ts';
import type { Piece } from './layout.ts';

const RAW_OFFSET = 0x8000;
const ZIMAGE_OFFSET = 0x10000;
const MEBIBYTE = 0x100000;
const REACH = 2 ** 32;

export interface Loaded {
  readonly segments: SegmentConfig[];
  readonly entry: PartitionConfig['entry'];
  readonly bootargs: string | undefined;
  readonly initrd: { readonly start: number; readonly end: number } | undefined;
}

/** Where RAM of a guest starts, for images that may go anywhere. */
const ramStart = (ram: readonly Piece[]): number => Math.max(...ram.map(({ ipa }) => ipa));

export function loadModules(domain: Domain, ram: readonly Piece[], files: Files, findings: Findings): Loaded {
  const kernel = domain.modules.find(({ kind }) => kind === 'kernel');
  const ramdisk = domain.modules.find(({ kind }) => kind === 'ramdisk');
  const segments: SegmentConfig[] = [];
  const put = (module: Module, ipa: number, bytes: Uint8Array) => {
    if (ipa + bytes.length > REACH)
      findings.unusable(
        module.image.fail(`goes to 0x${ipa.toString(16)}, which a 32-bit processor does not reach without an MMU`),
      );
    else if (fits(ram, ipa, bytes.length)) segments.push({ ipa, bytes });
    else
      findings.unusable(
        module.image.fail(
          `"${module.image.string()}" does not fit: it goes to 0x${ipa.toString(16)}, ${bytes.length} bytes, the guest has ${map(ram)}`,
        ),
      );
  };
  if (kernel === undefined)
    findings.unusable(
      domain.node.fail('the partition has no kernel', { expected: 'a module with compatible "multiboot,kernel"' }),
    );
  const image = kernel && read(kernel, files, findings);
  const address = kernel && image ? place(kernel, image, ram, put) : 0;
  const disk = ramdisk && readModule(ramdisk, files, findings);
  const start = ramStart(ram) + diskOffset(ram);
  if (ramdisk && disk) put(ramdisk, start, disk);
  return {
    segments,
    entry: { address: address & ~1, thumb: (address & 1) !== 0, registers: [0, -1, 0] },
    bootargs: kernel?.bootargs,
    initrd: disk && { start, end: start + disk.length },
  };
}

const map = (ram: readonly Piece[]): string =>
  ram.map(({ ipa, size }) => `0x${ipa.toString(16)}-0x${(ipa + size - 1).toString(16)}`).join(', ');

export const fits = (ram: readonly Piece[], ipa: number, length: number): boolean =>
  ram.some((piece) => ipa >= piece.ipa && ipa + length <= piece.ipa + piece.size);

function diskOffset(ram: readonly Piece[]): number {
  const piece = ram.find(({ ipa }) => ipa === ramStart(ram));
  return Math.min(Math.floor((piece?.size ?? 0) / 2), 128 * MEBIBYTE);
}

/** Loads the kernel and returns its entry address; bit 0 asks for Thumb. */
function place(
  module: Module,
  image: Image,
  ram: readonly Piece[],
  put: (module: Module, ipa: number, bytes: Uint8Array) => void,
): number {
  switch (image.kind) {
    case 'elf':
      for (const { address, data } of image.segments) put(module, address, data);
      return image.entry;
    case 'uImage':
      put(module, image.load, image.data);
      return image.entry;
    default: {
      const address = module.load ?? ramStart(ram) + (image.kind === 'zImage' ? ZIMAGE_OFFSET : RAW_OFFSET);
      put(module, address, image.data);
      return address;
    }
  }
}

function read(module: Module, files: Files, findings: Findings): Image | undefined {
  const bytes = readModule(module, files, findings);
  if (bytes === undefined) return undefined;
  try {
    return readImage(bytes);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    findings.unusable(module.image.fail(`"${module.image.string()}" cannot be used: ${error.message}`));
    return undefined;
  }
}

/** The file, sought from the folder of the description that names it. */
function readModule({ image }: Module, files: Files, findings: Findings): Uint8Array | undefined {
  const name = image.string();
  const folder = image.origin.file.replace(/[^/]*$/, '');
  const bytes = files.readFile(name.startsWith('/') ? name : folder + name);
  if (bytes === undefined)
    findings.unusable(
      image.fail(`"${name}" cannot be read`, { advice: "Check the path; it counts from the description's folder." }),
    );
  return bytes;
}
