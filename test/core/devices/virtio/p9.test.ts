import { describe, expect, it } from 'vitest';
import { get16, get32, get64, put16, put32, put64 } from '../../../../core/devices/virtio/dma.ts';
import { ERRNO, type Errno, isName } from '../../../../core/devices/virtio/file-tree.ts';
import { VirtioP9 } from '../../../../core/devices/virtio/p9.ts';
import { randoms } from '../../../support/device-contract.ts';
import { type Content, MemoryTree } from '../../../support/file-tree.ts';
import { Bench, type RingOptions, WAYS } from '../../../support/virtio-driver.ts';

const CONTENT: Content = {
  'hello.txt': 'hello, guest\n',
  folder: { one: '1', two: '22', deeper: { still: 'here' } },
  escape: { link: '../../../../etc/passwd' },
  away: { link: '/' },
};

/** A field of a request: a number of so many bytes, or a text. */
type Field = readonly [1 | 2 | 4 | 8, number] | string | Uint8Array;
const u8 = (value: number): Field => [1, value];
const u16 = (value: number): Field => [2, value];
const u32 = (value: number): Field => [4, value];
const u64 = (value: number): Field => [8, value];

function message(type: number, fields: readonly Field[]): Uint8Array {
  const bytes = fields.flatMap((field) => {
    if (field instanceof Uint8Array) return [...field];
    if (typeof field === 'string') return [field.length & 0xff, field.length >>> 8, ...Buffer.from(field, 'latin1')];
    const [width, value] = field;
    const part = new Uint8Array(8);
    put64(part, 0, value);
    return [...part.slice(0, width)];
  });
  const whole = new Uint8Array(7 + bytes.length);
  put32(whole, 0, whole.length);
  whole[4] = type;
  put16(whole, 5, 0x1234);
  whole.set(bytes, 7);
  return whole;
}

function bench(readOnly = true, options: RingOptions = {}) {
  const tree = new MemoryTree(CONTENT, readOnly);
  const made = new Bench(new VirtioP9(tree, 'shared'), options).start();
  /** The answer's fields, or the error's name. */
  const ask = (type: number, ...fields: readonly Field[]): Uint8Array | Errno | undefined => {
    const into = made.writable(8192);
    const used = made.request(0, [made.readable(message(type, fields)), into]);
    if (used === undefined) return undefined;
    const answer = made.bytes(into).slice(0, used.length);
    expect([get32(answer, 0), get16(answer, 5)]).toEqual([answer.length, 0x1234]);
    if (answer[4] === type + 1) return answer.slice(7);
    expect(answer[4]).toBe(7);
    return (Object.keys(ERRNO) as Errno[]).find((name) => ERRNO[name] === get32(answer, 7));
  };
  expect(ask(100, u32(8192), '9P2000.L')).toBeInstanceOf(Uint8Array);
  expect(ask(104, u32(0), u32(0xffffffff), 'root', '', u32(0))).toHaveLength(13);
  const walk = (to: number, ...names: readonly string[]) => ask(110, u32(0), u32(to), u16(names.length), ...names);
  const open = (fid: number, flags = 0) => ask(12, u32(fid), u32(flags));
  const read = (fid: number, offset: number, count: number) => {
    const answer = ask(116, u32(fid), u64(offset), u32(count));
    return answer instanceof Uint8Array ? String.fromCharCode(...answer.slice(4)) : answer;
  };
  return { made, tree, ask, walk, open, read };
}

/** Names in the answer to Treaddir, and the offset that goes on behind them. */
function entries(answer: Uint8Array | Errno | undefined): { names: string[]; next: number } {
  const [names, bytes]: [string[], Uint8Array] = [[], answer as Uint8Array];
  let next = 0;
  for (let at = 4; at < bytes.length; ) {
    next = get64(bytes, at + 13);
    const length = get16(bytes, at + 22);
    names.push(String.fromCharCode(...bytes.slice(at + 24, at + 24 + length)));
    at += 24 + length;
  }
  return { names, next };
}

describe('virtio-9p', () => {
  it.each(WAYS)('reads files over a %s', (_name, options) => {
    const { walk, open, read, ask } = bench(true, options);
    expect(walk(1, 'folder', 'deeper', 'still')).toHaveLength(2 + 3 * 13);
    expect(open(1)).toHaveLength(17);
    expect([read(1, 0, 100), read(1, 2, 1), read(1, 4, 10)]).toEqual(['here', 'r', '']);
    expect(ask(120, u32(1))).toHaveLength(0);
    expect(read(1, 0, 1)).toBe('EBADF');
  });

  it('says its tag, and agrees on version and size', () => {
    const { made, ask } = bench();
    expect(made.config(0, 2)).toBe(6);
    expect(String.fromCharCode(...Array.from({ length: 6 }, (_, i) => made.config(2 + i, 1)))).toBe('shared');
    expect(ask(100, u32(8192), '9P2000')).toEqual(Uint8Array.of(0, 32, 0, 0, 7, 0, ...Buffer.from('unknown')));
    expect(get32(ask(100, u32(0xffffffff), '9P2000.L') as Uint8Array, 0)).toBe(0x2_0018);
  });

  it('lists a folder in the order of names, in as many pieces as asked for', () => {
    const { walk, open, ask } = bench();
    walk(1);
    open(1);
    const all = ['.', '..', 'away', 'escape', 'folder', 'hello.txt'];
    expect(entries(ask(40, u32(1), u64(0), u32(4000)))).toEqual({ names: all, next: 6 });
    const found: string[] = [];
    for (let next = 0; next < 6; ) {
      const piece = entries(ask(40, u32(1), u64(next), u32(60)));
      found.push(...piece.names);
      next = piece.next;
    }
    expect(found).toEqual(all);
    expect(entries(ask(40, u32(1), u64(6), u32(4000))).names).toEqual([]);
  });

  it('tells attributes', () => {
    const { walk, ask } = bench();
    walk(1, 'hello.txt');
    const answer = ask(24, u32(1), u64(0x7ff)) as Uint8Array;
    expect(answer).toHaveLength(153);
    expect([get32(answer, 21).toString(8), get64(answer, 49), get64(answer, 89)]).toEqual(['100644', 13, 1_700_000_000]);
    walk(2, 'folder');
    expect(get32(ask(24, u32(2), u64(0x7ff)) as Uint8Array, 21).toString(8)).toBe('40755');
    expect(ask(8, u32(1))).toHaveLength(60);
  });

  it('goes no higher than the folder, and through no link', () => {
    const { walk, open, ask, tree } = bench();
    const root = (walk(1) as Uint8Array).length === 2 && ask(24, u32(1), u64(0));
    expect(walk(2, '..', '..', '..')).toHaveLength(2 + 39);
    expect(ask(24, u32(2), u64(0))).toEqual(root);
    expect(walk(3, 'folder', '..', '..', 'hello.txt')).toHaveLength(2 + 52);
    for (const name of ['../hello.txt', 'folder/one', '/', '', 'a\0b', 'x'.repeat(256)]) expect(walk(4, name)).toBe('ENOENT');
    expect(walk(4, 'escape', 'x')).toHaveLength(2 + 13); // the first only, so 4 stands for nothing
    expect(open(4)).toBe('EBADF');
    expect(walk(4, 'escape')).toHaveLength(15);
    expect(open(4)).toBe('ELOOP');
    expect(String.fromCharCode(...(ask(22, u32(4)) as Uint8Array).slice(2))).toBe('../../../../etc/passwd');
    expect(tree.asked.flat().every(isName)).toBe(true);
  });

  it('refuses every change when read-only', () => {
    const { walk, open, ask } = bench();
    walk(1, 'hello.txt');
    walk(2);
    expect([open(1, 1), open(1, 2), open(1, 0o1000)]).toEqual(['EROFS', 'EROFS', 'EROFS']);
    const requests: [number, Field[]][] = [
      [118, [u32(1), u64(0), u32(1), Uint8Array.of(1)]],
      [14, [u32(2), 'new', u32(1), u32(0o644), u32(0)]],
      [16, [u32(2), 'link', 'target', u32(0)]],
      [20, [u32(1), u32(2), 'other']],
      [26, [u32(1), u32(8), u32(0), u32(0), u32(0), u64(0)]],
      [72, [u32(2), 'made', u32(0o755), u32(0)]],
      [74, [u32(2), 'hello.txt', u32(2), 'other']],
      [76, [u32(2), 'hello.txt', u32(0)]],
      [122, [u32(1)]],
    ];
    expect(requests.map(([type, fields]) => ask(type, ...fields))).toEqual(requests.map(() => 'EROFS'));
    expect(ask(50, u32(2), u32(0))).toHaveLength(0);
    expect([ask(18, u32(2)), ask(30, u32(2)), ask(70, u32(2))]).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP']);
  });

  it('creates, writes, renames and removes when it may', () => {
    const { walk, open, read, ask, tree } = bench(false);
    walk(1);
    expect(ask(14, u32(1), 'new', u32(2), u32(0o600), u32(0))).toHaveLength(17);
    expect(ask(118, u32(1), u64(3), u32(4), Uint8Array.from(Buffer.from('text')))).toEqual(Uint8Array.of(4, 0, 0, 0));
    expect(read(1, 0, 100)).toBe('\0\0\0text');
    walk(2, 'folder');
    walk(3, 'folder', 'deeper', 'still');
    open(3);
    walk(4);
    expect(ask(74, u32(4), 'folder', u32(4), 'renamed')).toHaveLength(0);
    expect(read(3, 0, 10)).toBe('here'); // the number follows
    expect(ask(74, u32(4), 'renamed', u32(2), 'inside')).toBe('EINVAL');
    expect(ask(72, u32(2), 'made', u32(0o700), u32(0))).toHaveLength(13);
    expect(ask(16, u32(2), 'link', '../x', u32(0))).toHaveLength(13);
    expect(ask(76, u32(4), 'renamed', u32(0x200))).toBe('ENOTEMPTY');
    expect(ask(76, u32(2), 'made', u32(0x200))).toHaveLength(0);
    expect(ask(76, u32(2), 'one', u32(0))).toHaveLength(0);
    expect(ask(122, u32(2))).toBe('ENOTEMPTY');
    expect(ask(122, u32(4))).toBe('EPERM');
    walk(5, 'new');
    expect(ask(26, u32(5), u32(9), u32(0o444), u32(0), u32(0), u64(4), u64(0), u64(0), u64(0), u64(0))).toHaveLength(0);
    expect(tree.status(['new'])).toMatchObject({ value: { mode: 0o444, size: 4 } });
    expect(tree.list(['renamed'])).toMatchObject({ value: ['two', 'deeper', 'link'] });
    for (const name of ['..', '.', 'a/b', '']) expect(ask(72, u32(5), name, u32(0), u32(0))).toBe('EINVAL');
    expect(tree.asked.flat().every(isName)).toBe(true);
  });

  it('keeps what is open in its state, and forgets it when the driver starts anew', () => {
    const { walk, open, read, made } = bench();
    walk(1, 'hello.txt');
    open(1);
    const saved = made.transport.save();
    made.start();
    expect(read(1, 0, 5)).toBe('EBADF');
    made.transport.load(saved);
    expect(made.transport.save()).toEqual(saved);
  });

  it('bounds the numbers that a client may have, and the size of messages', () => {
    const { walk, ask, made } = bench();
    for (let i = 1; i < 4096; i++) if (walk(i) === 'ENFILE') throw new Error(`only ${i}`);
    expect([walk(5000), walk(1)]).toEqual(['ENFILE', 'EINVAL']);
    expect(ask(110, u32(0), u32(1), u16(17))).toBe('EINVAL');
    const bad = message(116, []);
    put32(bad, 0, 100);
    made.request(0, [made.readable(bad), made.writable(100)]);
    expect(made.get('Status') & 0x40).toBe(0x40);
  });

  it('answers random messages, and asks for no path that is none', () => {
    const random = randoms(77);
    const { ask, tree, walk } = bench(false);
    const names = ['folder', 'one', '..', '.', 'a/b', 'escape', 'new', '', 'hello.txt', '\0'];
    for (let i = 0; i < 3000; i++) {
      if (i % 50 === 0) ask(104, u32(random() % 4), u32(0), 'x', 'y', u32(0));
      if (i % 7 === 0) walk(random() % 4, names[random() % names.length]!);
      const type = [8, 12, 14, 16, 18, 20, 22, 24, 26, 30, 40, 50, 52, 54, 70, 72, 74, 76, 110, 116, 118, 120, 122][
        random() % 23
      ]!;
      const fields = Array.from({ length: random() % 7 }, (): Field => {
        const value = random() % 3 === 0 ? random() : random() % 5;
        return [u8(value), u16(value), u32(value), u32(value), u64(value), names[random() % names.length]!][random() % 6]!;
      });
      if (ask(type, u32(random() % 4), ...fields) === undefined) throw new Error(`no answer at ${i}`);
    }
    expect(tree.asked.flat().every(isName)).toBe(true);
  });
});
