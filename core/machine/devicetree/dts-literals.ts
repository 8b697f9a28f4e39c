/** Literals of DTS and of #if: integers, characters, strings with C's escapes. */

/** The value of an integer literal with C's prefixes and suffixes, or undefined if it is none or exceeds 64 bits. */
export function integer(text: string): bigint | undefined {
  const found = /^(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))(?:U|L|UL|LL|ULL)?$/.exec(text);
  if (found === null || text.length > 80) return undefined;
  const [, hex, octal, decimal] = found;
  const value = BigInt(hex !== undefined ? `0x${hex}` : decimal !== undefined ? decimal : `0o${octal === '' ? '0' : octal}`);
  return value < 1n << 64n ? value : undefined;
}

const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };

/** What stands between quotes, one character for each byte. */
export function withoutEscapes(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))/gs, (_, octal?: string, hex?: string, single?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return SIMPLE[single!] ?? single!;
  });
}

/** The value of a character literal, quotes included, or undefined if it is not one character. */
export function character(text: string): bigint | undefined {
  const value = withoutEscapes(text.slice(1, -1));
  return value.length === 1 ? BigInt(value.charCodeAt(0)) : undefined;
}
