/** The project's sources as ts-morph reads them: no types are resolved, so this takes a second or two. */
import { execFileSync } from 'node:child_process';
import { Project, type SourceFile } from 'ts-morph';

/** Every file that is, or could be, committed. Paths are relative to the project's folder and use `/`. */
export function committable(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { encoding: 'utf8' });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '').sort();
}

/** Sources by their path in the project. */
export type Sources = ReadonlyMap<string, SourceFile>;

const SOURCE = /^(core|tools|test)\/.*\.ts$/;

export function readSources(files: Readonly<Record<string, string>>): Sources {
  const project = new Project({ useInMemoryFileSystem: true, compilerOptions: { allowImportingTsExtensions: true } });
  const sources = Object.entries(files)
    .filter(([path]) => SOURCE.test(path))
    .map(([path, text]) => [path, project.createSourceFile(`/${path}`, text)] as const);
  return new Map(sources);
}
