import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, PACKET_SIZE, PacketReader, packet, type Received } from '../../../tools/gdb/packets.ts';
import { bytesOf } from './rig.ts';

const read = (text: string): Received[] => [...new PacketReader().read(bytesOf(text))];
const textOf = (received: Received | undefined): string =>
  received?.kind === 'packet' ? String.fromCharCode(...received.data) : `${received?.kind}`;

describe('packets of the remote protocol', () => {
  it('are read with their checksum, in whatever pieces they come', () => {
    const reader = new PacketReader();
    const found = [...'+$qC#b4-'].flatMap((char) => [...reader.read(bytesOf(char))]);
    expect(found.map(({ kind }) => kind)).toEqual(['ack', 'packet', 'nack']);
    expect(textOf(found[1])).toBe('qC');
  });

  it('are refused with a wrong checksum, one that is none, or too much in them', () => {
    expect(read('$qC#b5').map(({ kind }) => kind)).toEqual(['broken']);
    expect(read('$qC#zz').map(({ kind }) => kind)).toEqual(['broken']);
    expect(read(packet('x'.repeat(PACKET_SIZE + 1))).map(({ kind }) => kind)).toEqual(['broken']);
    expect(read(packet('x'.repeat(PACKET_SIZE))).map(({ kind }) => kind)).toEqual(['packet']);
  });

  it('start anew where one is broken off, and leave what lies between them', () => {
    expect(read('abc$m12$qC#b4 def\x03').map(textOf)).toEqual(['qC', 'interrupt']);
  });

  it('carry any bytes, with the special ones escaped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = String.fromCharCode(...bytes);
        expect(textOf(read(packet(text))[0])).toBe(text);
      }),
    );
    expect(packet('a#b').startsWith('$a}\x03b#')).toBe(true);
  });

  it('have hexadecimal digits in pairs', () => {
    expect(fromHex('00fF')).toEqual(Uint8Array.of(0, 255));
    for (const wrong of ['0', '0g', ' 0', '-1']) expect(fromHex(wrong)).toBeUndefined();
  });
});
