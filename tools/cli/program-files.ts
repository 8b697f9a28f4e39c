/** Which ELF files a profile and coverage are about, and what to say where one lacks what they need. */
import type { DeviceTree } from '../../core/machine/devicetree/tree.ts';
import { type LoadedProgram, loadPrograms, type ProgramFile } from '../trace/programs.ts';
import type { TraceOptions } from './trace-options.ts';
import { UsageError } from './usage.ts';

/** The kernels that a description gives to its partitions. */
export function systemPrograms(tree: DeviceTree): ProgramFile[] {
  const domains = tree.root.find('/chosen')?.children.filter((node) => node.isCompatible('xen,domain')) ?? [];
  return domains.flatMap((domain) =>
    domain.children.flatMap((module) => {
      const image = module.isCompatible('multiboot,kernel') ? module.get('partita,image') : undefined;
      if (image === undefined) return [];
      const name = image.string();
      const folder = image.origin.file.replace(/[^/]*$/, '');
      return [{ partition: domain.name, file: name.startsWith('/') ? name : folder + name }];
    }),
  );
}

/** Reads them, if they are asked for. */
export function readPrograms(options: TraceOptions, own: readonly ProgramFile[], partitions: readonly string[]): LoadedProgram[] {
  const { profile, coverage, symbols, filter } = options;
  if (profile === undefined && coverage === undefined) return [];
  const wanted = partitions.map((name) => (filter.partitions.length === 0 || filter.partitions.includes(name) ? name : ''));
  const programs = load([...symbols, ...own], wanted);
  const lacking = wanted.filter((name) => name !== '' && !programs.some((one) => one.name === name && one.lines !== undefined));
  if (coverage === undefined || lacking.length === 0) return programs;
  const files = own.filter(({ partition }) => partition === undefined || lacking.includes(partition)).map(({ file }) => file);
  const advice = 'compile and link it with -g, or give a file that has them with --symbols PARTITION=FILE';
  const what = files.length > 0 ? files.join(' and ') : `the programs of ${lacking.join(' and ')}`;
  const told = `--coverage: ${what} ${files.length === 1 ? 'has' : 'have'} no line numbers (.debug_line)`;
  if (!programs.some(({ lines }) => lines !== undefined)) throw new UsageError(`${told}: ${advice}`);
  process.stderr.write(`partita: ${told}\n`);
  return programs;
}

function load(files: readonly ProgramFile[], partitions: readonly string[]): LoadedProgram[] {
  try {
    return loadPrograms(files, partitions, true);
  } catch (error) {
    const { syscall, path, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new UsageError(`--symbols ${path ?? ''} cannot be read: ${message}`);
  }
}
