/**
 * Packages of Debian that tests and comparisons use as real software: kernels with their device trees, U-Boot. They are
 * fetched by apt into `.cache/`, with lists of their own, so that the machine's package system stays as it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { CACHE as ROOT } from './cache.ts';

const CACHE = `${ROOT}/debian`;

function apt(arch: string, program: 'apt-get' | 'apt-cache', args: readonly string[], cwd = CACHE): string | undefined {
  const env = { ...process.env, APT_CONFIG: `${CACHE}/apt-${arch}.conf`, LC_ALL: 'C' };
  const result = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 64 << 20, timeout: 600_000 });
  return result.status === 0 ? result.stdout : undefined;
}

/** Fetches the lists of the architecture, once a day. */
function updateLists(arch: string): void {
  const lists = `${CACHE}/lists-${arch}`;
  const stamp = `${CACHE}/updated-${arch}-${Math.floor(Date.now() / 86_400_000)}`;
  const config = [
    `Dir::State::Lists "${lists}";`,
    `Dir::Cache "${CACHE}/apt-${arch}";`,
    ...(arch === 'all' ? [] : [`APT::Architectures { "${arch}"; };`]),
    'APT::Sandbox::User "root";',
  ];
  for (const folder of [`${lists}/partial`, `${CACHE}/apt-${arch}/archives/partial`]) mkdirSync(folder, { recursive: true });
  writeFileSync(`${CACHE}/apt-${arch}.conf`, `${config.join('\n')}\n`);
  if (existsSync(stamp)) return;
  // A list that cannot be fetched is no reason to stop: the package may be in another.
  apt(arch, 'apt-get', ['update']);
  if (readdirSync(lists).some((file) => file.includes('_Packages'))) writeFileSync(stamp, '');
}

/** The package itself, or the one of a moving version that a meta-package stands for: linux-image-armmp → linux-image-6.1.0-…-armmp. */
function resolve(name: string, arch: string): { name: string; version: string } | undefined {
  const shown = apt(arch, 'apt-cache', ['show', '--no-all-versions', `${name}:${arch}`]);
  const version = shown === undefined ? undefined : /^Version: (\S+)/m.exec(shown)?.[1];
  if (shown === undefined || version === undefined) return undefined;
  const target = /^Depends: (linux-image-[^ ,]+) \(= /m.exec(shown)?.[1];
  return target === undefined ? { name, version } : resolve(target, arch);
}

/** An unpacked copy that an earlier run left, for a machine that reaches no archive now. */
function earlier(name: string, arch: string): string | undefined {
  const flavour = /^linux-image-(\D.*)$/.exec(name)?.[1];
  const fits = (own: string) =>
    own === name || (flavour !== undefined && /^linux-image-\d/.test(own) && own.endsWith(`-${flavour}`));
  const folders = readdirSync(CACHE).filter((folder) => folder.endsWith(`_${arch}`) && fits(folder.split('_')[0]!));
  const newest = folders.sort().at(-1);
  return newest === undefined ? undefined : `${CACHE}/${newest}`;
}

/**
 * Unpacks a package of Debian, newest version, and returns its folder; undefined when there is no apt, no archive in
 * reach and no earlier copy. A kernel's meta-package gives the kernel.
 */
export function debianPackage(name: string, arch: string): string | undefined {
  mkdirSync(CACHE, { recursive: true });
  updateLists(arch);
  const found = resolve(name, arch);
  if (found === undefined) return earlier(name, arch);
  const folder = `${CACHE}/${found.name}_${found.version.replace(/[^\w.+~-]/g, '-')}_${arch}`;
  return existsSync(folder) || unpack(found, arch, folder) ? folder : earlier(name, arch);
}

function unpack({ name, version }: { name: string; version: string }, arch: string, folder: string): boolean {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  apt(arch, 'apt-get', ['download', `${name}:${arch}=${version}`], partial);
  const archive = readdirSync(partial).find((file) => file.endsWith('.deb'));
  if (archive === undefined) return false;
  if (spawnSync('dpkg-deb', ['-x', `${partial}/${archive}`, `${partial}/unpacked`]).status !== 0) return false;
  renameSync(`${partial}/unpacked`, folder);
  rmSync(partial, { recursive: true });
  return true;
}
