/**
 * Writes cpio archives in the "newc" format, which the Linux kernel unpacks as an initramfs.
 * Reference: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
 */

interface Common {
  /** Without a slash at the start. */
  readonly path: string;
  /** Permission bits; by default 0755 for a folder, 0644 for a file, 0600 for a device. */
  readonly mode?: number;
}

export type Entry =
  | (Common & { readonly kind: 'file'; readonly data: Uint8Array })
  | (Common & { readonly kind: 'folder' })
  | (Common & { readonly kind: 'link'; readonly target: string })
  /** A character device. */
  | (Common & { readonly kind: 'device'; readonly major: number; readonly minor: number });

const MAGIC = '070701';
const END = 'TRAILER!!!';
const TYPES = { file: 0o100000, folder: 0o040000, link: 0o120000, device: 0o020000 } as const;

/** One archive of the entries in their order; a folder must come before what is in it. All belong to root, and none has a date. */
export function writeCpio(entries: readonly Entry[]): Uint8Array {
  const parts = entries.flatMap((entry, i) => record(entry.path, i + 1, mode(entry), content(entry), device(entry)));
  parts.push(...record(END, 0, 0, new Uint8Array(0), [0, 0]));
  return Buffer.concat(parts);
}

const MODES = { file: 0o644, folder: 0o755, link: 0o777, device: 0o600 } as const;
const mode = (entry: Entry): number => TYPES[entry.kind] | (entry.mode ?? MODES[entry.kind]);

const device = (entry: Entry): readonly [number, number] => (entry.kind === 'device' ? [entry.major, entry.minor] : [0, 0]);

function content(entry: Entry): Uint8Array {
  if (entry.kind === 'file') return entry.data;
  return entry.kind === 'link' ? Buffer.from(entry.target) : new Uint8Array(0);
}

/** Header of 13 hexadecimal numbers, name and content, the latter two padded to multiples of four. */
function record(
  path: string,
  inode: number,
  mode: number,
  data: Uint8Array,
  [major, minor]: readonly [number, number],
): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = mode >>> 12 === TYPES.folder >>> 12 ? 2 : 1;
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, major, minor, name.length, 0];
  const header = MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return [padded(Buffer.concat([Buffer.from(header), name])), padded(data)];
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = -bytes.length & 3;
  return rest === 0 ? bytes : Buffer.concat([bytes, new Uint8Array(rest)]);
}
