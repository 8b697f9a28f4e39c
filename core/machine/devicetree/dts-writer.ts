/**
 * Shows a tree as a source for people. Values have no types in a tree, so what looks like strings is shown as strings,
 * and other values as cells or bytes; read again, the source gives the same tree, without its labels.
 */
import { fromLatin1 } from './text.ts';
import type { DeviceTree, Node, Property } from './tree.ts';

/** The source, one character for each byte. */
export function writeDts(tree: DeviceTree): string {
  const reservations = tree.reservations.map(
    ({ address, size }) => `/memreserve/ 0x${address.toString(16)} 0x${size.toString(16)};\n`,
  );
  return `/dts-v1/;\n${reservations.join('')}\n${nodeText(tree.root, '')}`;
}

function nodeText(node: Node, indent: string): string {
  const inner = `${indent}\t`;
  const properties = node.properties.map((property) => `${inner}${propertyText(property)};\n`);
  const children = node.children.map((child) => `\n${nodeText(child, inner)}`);
  return `${indent}${node.parent === undefined ? '/' : node.name} {\n${properties.join('')}${children.join('')}${indent}};\n`;
}

function propertyText({ name, value }: Property): string {
  if (value.length === 0) return name;
  if (looksLikeStrings(value)) {
    const texts = fromLatin1(value.subarray(0, -1)).split('\0');
    return `${name} = ${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(', ')}`;
  }
  const digits = value.length % 4 === 0 ? 4 : 1;
  const groups: string[] = [];
  for (let at = 0; at < value.length; at += digits) {
    const hex = Array.from(value.subarray(at, at + digits), (byte) => byte.toString(16).padStart(2, '0')).join('');
    groups.push(digits === 4 ? `0x${hex.replace(/^0+(?=.)/, '')}` : hex);
  }
  return digits === 4 ? `${name} = <${groups.join(' ')}>` : `${name} = [${groups.join(' ')}]`;
}

/** Whether all bytes are printable and each string has a character. */
function looksLikeStrings(value: Uint8Array): boolean {
  if (value[value.length - 1] !== 0 || value[0] === 0) return false;
  return value.every((byte, index) => (byte === 0 ? value[index - 1] !== 0 : byte >= 0x20 && byte < 0x7f));
}
