/** Header extensions. Reference: QEMU, docs/interop/qcow2.txt, 'Header extensions', 'Feature name table', 'Bitmaps extension'. */
import { get64, roundUp, textOf, viewOf } from '../bytes.ts';
import { corrupt } from '../error.ts';

export const EXTENSION = { end: 0, backingFormat: 0xe2792aca, features: 0x6803f857, bitmaps: 0x23852875 } as const;

export interface Extensions {
  backingFormat: string | undefined;
  bitmaps: { readonly count: number; readonly size: number; readonly offset: number } | undefined;
  /** Names of incompatible features, by bit. */
  readonly features: Map<number, string>;
}

/** `area` ends where the backing file's name starts, or with the cluster. */
export function readExtensions(area: Uint8Array): Extensions {
  const found: Extensions = { backingFormat: undefined, bitmaps: undefined, features: new Map() };
  const view = viewOf(area);
  for (let at = 0; at + 8 <= area.length; ) {
    const [type, length] = [view.getUint32(at), view.getUint32(at + 4)];
    if (type === EXTENSION.end) break;
    if (length > area.length - at - 8) throw corrupt(`a header extension of ${length} bytes: there are ${area.length - at - 8}`);
    take(found, type, area.subarray(at + 8, at + 8 + length));
    at += 8 + roundUp(length, 8);
  }
  return found;
}

function take(found: Extensions, type: number, data: Uint8Array): void {
  if (type === EXTENSION.backingFormat) found.backingFormat = data.length === 0 ? undefined : (textOf(data) ?? '?');
  if (type === EXTENSION.bitmaps && data.length >= 24) {
    const view = viewOf(data);
    found.bitmaps = { count: view.getUint32(0), size: get64(view, 8), offset: get64(view, 16) };
  }
  if (type !== EXTENSION.features) return;
  for (let at = 0; at + 48 <= data.length; at += 48) {
    const name = textOf(data.subarray(at + 2, at + 48).filter((byte) => byte !== 0));
    if (data[at] === 0 && name !== undefined) found.features.set(data[at + 1] as number, name);
  }
}
