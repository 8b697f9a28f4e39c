/** The ELF files of what runs: the description's own, and others that have the symbols and lines of a stripped or packed image. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isElf } from '../../core/machine/images/elf.ts';
import { ImageError } from '../../core/machine/images/error.ts';
import { type LineRange, readLines } from './dwarf-lines.ts';
import { ElfSections, type FunctionSymbol } from './elf-sections.ts';

/** A file that belongs to a partition, or to any. */
export interface ProgramFile {
  readonly partition: string | undefined;
  readonly file: string;
}

export interface LoadedProgram {
  readonly file: string;
  readonly partition: number;
  readonly name: string;
  readonly functions: readonly FunctionSymbol[];
  /** Undefined if it was built without them. */
  readonly lines: readonly LineRange[] | undefined;
}

/** Those of the files that are ELF executables, for each partition that they belong to. */
export function loadPrograms(files: readonly ProgramFile[], partitions: readonly string[], withLines: boolean): LoadedProgram[] {
  return files.flatMap(({ partition: owner, file }) => {
    const bytes = readFileSync(file);
    if (!isElf(bytes)) return [];
    const program = readProgram(file, bytes, withLines);
    const owners = [...partitions.entries()].filter(([, name]) => owner === undefined || owner === name);
    return owners.map(([partition, name]) => ({ ...program, partition, name }));
  });
}

function readProgram(file: string, bytes: Uint8Array, withLines: boolean): Pick<LoadedProgram, 'file' | 'functions' | 'lines'> {
  try {
    const elf = new ElfSections(bytes);
    return { file, functions: elf.functions, lines: withLines ? readLines(elf) : undefined };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ImageError(`${file}: its symbols or line numbers cannot be read (${error.message})`);
  }
}

/** Finds a source of a program: where it was compiled, else from here, else from the folders above the program. */
export function locateSource(program: string, source: string): string {
  const folders = ['.'];
  for (let folder = dirname(resolve(program)); folder !== dirname(folder); folder = dirname(folder)) folders.push(folder);
  const found = folders
    .map((folder) => resolve(join(source.startsWith('/') ? '' : folder, source)))
    .find((path) => existsSync(path));
  return found ?? source;
}
