/** `partita check` as people run it, on descriptions that are wrong: each fault has its line, and the status says of which kind it is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from './program.ts';

const [ISOLATION, UNUSABLE] = [1, 2];

let partita: Program;
beforeAll(async () => {
  partita = await Program.build();
  partita.file('image.bin', new Uint8Array(64).fill(0x1e));
  partita.file('large.bin', new Uint8Array(2 ** 21));
}, 60_000);
afterAll(() => partita.remove());

const KERNEL = 'module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "image.bin"; };';
const CELLS = '#address-cells = <2>; #size-cells = <2>;';

/** Two partitions from line 6 on, one a line each: `a` and `b` is what stands in their nodes. */
const system = (a: string, b: string, kernel = KERNEL): string => `#include "boards/vexpress-a15/board.dts"
/ {
  chosen {
    #address-cells = <2>;
    #size-cells = <2>;
    a { compatible = "xen,domain"; ${CELLS} cpus = <1>; memory = <0x0 1024>; ${a} ${kernel} };
    b { compatible = "xen,domain"; ${CELLS} cpus = <1>; memory = <0x0 1024>; ${b} ${KERNEL} };
  };
};
`;

const shared = (id: string, pa: string, ipa: string, role: string): string =>
  `${id} { compatible = "xen,domain-shared-memory-v1"; role = "${role}"; xen,shm-id = "${id}"; ` +
  `xen,shared-mem = <0x0 ${pa} 0x0 ${ipa} 0x0 0x10000>; };`;

interface Case {
  readonly name: string;
  readonly text: string;
  readonly status: number;
  /** Lines of broken.dts, with what is said of each. */
  readonly says: readonly (readonly [line: number, text: RegExp])[];
}

const CASES: readonly Case[] = [
  {
    name: 'static memory of two partitions overlaps',
    text: system('xen,static-mem = <0x0 0x90000000 0x0 0x100000>;', 'xen,static-mem = <0x0 0x90080000 0x0 0x100000>;'),
    status: ISOLATION,
    says: [[7, /isolation: .*0x90080000-0x9017ffff of b overlaps 0x90000000-0x900fffff of a/]],
  },
  {
    name: 'static memory overlaps a channel',
    text: system(
      `xen,static-mem = <0x0 0x90000000 0x0 0x100000>; ${shared('ring', '0x90010000', '0x50000000', 'owner')}`,
      shared('ring', '0x90010000', '0x50000000', 'borrower'),
    ),
    status: ISOLATION,
    says: [[6, /isolation: .*shared memory "ring" overlaps 0x90000000/]],
  },
  {
    name: 'a device is given twice',
    text: system('partita,devices = <&{/motherboard/uart@1c0a0000}>;', 'partita,devices = <&{/motherboard/uart@1c0a0000}>;'),
    status: ISOLATION,
    says: [[7, /isolation: .*"b", which "a" has already/]],
  },
  {
    name: 'shared memory has no owner',
    text: system(shared('ring', '0x90000000', '0x50000000', 'borrower'), shared('ring', '0x90000000', '0x50000000', 'borrower')),
    status: ISOLATION,
    says: [[6, /isolation: .*shared memory "ring" has no owner/]],
  },
  {
    name: 'shared memory has two owners',
    text: system(shared('ring', '0x90000000', '0x50000000', 'owner'), shared('ring', '0x90000000', '0x50000000', 'owner')),
    status: ISOLATION,
    says: [[7, /isolation: .*shared memory "ring" has 2 owners/]],
  },
  {
    name: 'two channels overlap in memory',
    text: system(
      `${shared('one', '0x90000000', '0x50000000', 'owner')} ${shared('two', '0x90008000', '0x50100000', 'owner')}`,
      `${shared('one', '0x90000000', '0x50000000', 'borrower')} ${shared('two', '0x90008000', '0x50100000', 'borrower')}`,
    ),
    status: ISOLATION,
    says: [[6, /isolation: .*shared memory "two" overlaps 0x90000000-0x9000ffff of shared memory "one"/]],
  },
  {
    name: 'a channel has no guard page',
    text: system(shared('ring', '0x90000000', '0x40100000', 'owner'), shared('ring', '0x90000000', '0x50000000', 'borrower')),
    status: UNUSABLE,
    says: [[6, /ring at guest address 0x40100000 and RAM at 0x40000000 touch: a channel needs a free page/]],
  },
  {
    name: 'a pin is beyond the cores',
    text: system('partita,cores = <2>;', 'partita,cores = <1>;'),
    status: UNUSABLE,
    says: [[6, /'partita,cores' names core 2.*0 to 1/]],
  },
  {
    name: 'the image is missing',
    text: system('', '', KERNEL.replace('image.bin', 'nowhere.elf')),
    status: UNUSABLE,
    says: [[6, /"nowhere.elf" cannot be read/]],
  },
  {
    name: 'the image is too large',
    text: system('', '', KERNEL.replace('image.bin', 'large.bin')),
    status: UNUSABLE,
    says: [[6, /"large.bin" does not fit: it goes to 0x40008000, 2097152 bytes, the guest has 0x40000000-0x400fffff/]],
  },
  {
    name: 'the memory does not suffice',
    text: system('', '').replace('memory = <0x0 1024>', 'memory = <0x0 0x100000>'),
    status: UNUSABLE,
    says: [[6, /no room for 1048576 KiB of "a"/]],
  },
  {
    name: 'the board is unknown',
    text: system('', '').replace('vexpress-a15', 'vexpress-a16'),
    status: UNUSABLE,
    says: [[1, /boards\/vexpress-a16\/board.dts/]],
  },
  {
    name: 'the syntax is wrong',
    text: system('partita,cores = <0>', ''),
    status: UNUSABLE,
    says: [[6, /./]],
  },
  {
    name: 'a property is misspelt',
    text: system('partita,core = <0>;', ''),
    status: UNUSABLE,
    says: [[6, /partita,core/]],
  },
  {
    name: 'three things are wrong at once',
    text: system(
      'partita,cores = <3>; partita,devices = <&{/motherboard/uart@1c0a0000}>;',
      'partita,cores = <7>; partita,devices = <&{/motherboard/uart@1c0a0000}>;',
    ),
    status: UNUSABLE,
    says: [
      [6, /names core 3/],
      [7, /names core 7/],
      [7, /isolation: .*which "a" has already/],
    ],
  },
];

describe('partita check finds that', () => {
  it.each(CASES)('$name', ({ text, status, says }) => {
    const ran = partita.run('check', partita.file('broken.dts', text));
    const lines = ran.stderr.trimEnd().split('\n');
    for (const [line, what] of says) {
      const found = lines.filter((one) => one.includes(`broken.dts:${line}:`) && what.test(one));
      expect(found, ran.stderr).toHaveLength(1);
    }
    expect(lines.filter((line) => line.startsWith('partita: '))).toHaveLength(says.length);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
    expect(ran.stdout).toBe('');
    expect(ran.status).toBe(status);
  });

  it('nothing is wrong with the pair that the others are made of', () => {
    const ran = partita.run('check', partita.file('right.dts', system('', '')));
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  });

  it('what is refused by check is refused by run, with its first finding', () => {
    const text = system(
      'partita,devices = <&{/motherboard/uart@1c0a0000}>;',
      'partita,devices = <&{/motherboard/uart@1c0a0000}>;',
    );
    const ran = partita.run('run', partita.file('broken.dts', text));
    expect(ran.stderr).toMatch(/broken\.dts:7:.*which "a" has already/);
    expect(ran.status).toBe(UNUSABLE);
  });
});
