/** Loadable modules of a kernel package: those by name with all that they need, and the index by which modprobe finds them. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Module {
  /** As in a kernel's own folder: `kernel/drivers/block/virtio_blk.ko`. */
  readonly path: string;
  readonly data: Uint8Array;
  /** Names of the modules that it needs itself. */
  readonly needs: readonly string[];
}

/** In file names either is used, in the names that modules have for each other only the latter. */
const plain = (name: string): string => name.replaceAll('-', '_');

/** The modules, and those they need. `folder`: what a package has under /lib/modules/RELEASE. Throws for a name that is none. */
export function collectModules(folder: string, names: readonly string[]): Module[] {
  const files = readdirSync(join(folder, 'kernel'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ko'));
  const paths = new Map(files.map((file) => [plain(basename(file, '.ko')), `kernel/${file}`]));
  const found = new Map<string, Module>();
  const add = (name: string) => {
    const path = paths.get(name);
    if (path === undefined) throw new Error(`the kernel has no module ${name}`);
    if (found.has(name)) return;
    const data = readFileSync(join(folder, path));
    const needs = dependencies(data);
    found.set(name, { path, data, needs });
    for (const need of needs) add(need);
  };
  for (const name of names) add(plain(name));
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What the section .modinfo says: "depends=" and names with commas between. */
function dependencies(data: Buffer): string[] {
  const start = data.indexOf('\0depends=');
  if (start < 0) return [];
  const from = start + '\0depends='.length;
  const text = data.toString('latin1', from, data.indexOf(0, from));
  return text === '' ? [] : text.split(',').map(plain);
}

/** modules.dep: each module with all that has to be loaded before it, the nearest first. */
export function modulesDep(modules: readonly Module[]): string {
  const byName = new Map(modules.map((module) => [plain(basename(module.path, '.ko')), module]));
  const closure = (module: Module): Module[] =>
    module.needs.flatMap((name) => [byName.get(name)!, ...closure(byName.get(name)!)]);
  const line = (module: Module) => {
    // What is needed twice is loaded for whoever comes first, so its last place counts.
    const all = closure(module).map(({ path }) => path);
    const once = all.filter((path, i) => all.lastIndexOf(path) === i);
    return `${module.path}:${once.map((path) => ` ${path}`).join('')}\n`;
  };
  return modules.map(line).join('');
}
