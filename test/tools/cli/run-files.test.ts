/** A run overwrites nothing that it has read, whether its command line names it or not. */
import { copyFileSync, linkSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQcow2, USUAL } from '../../../core/storage/qcow2/create.ts';
import { createFile } from '../../../tools/cli/image-files.ts';
import { elf } from '../../core/machine/rig.ts';
import { Program } from './program.ts';

let partita: Program;
const at = (name: string) => join(partita.folder, name);
const SYSTEM = `#include "board.dtsi"
/ { chosen { a { compatible = "xen,domain"; cpus = <1>; memory = <0x0 1024>;
  module@0 { compatible = "multiboot,kernel", "multiboot,module"; partita,image = "hello.elf"; };
  disk { compatible = "partita,virtio"; partita,virtio = "block"; partita,disk = "disk.qcow2"; };
}; }; };
`;

beforeAll(async () => {
  partita = await Program.build();
  copyFileSync('guests/hello/hello.elf', at('hello.elf'));
  copyFileSync('guests/hello/hello.elf', at('symbols.elf'));
  partita.file('board.dtsi', '#include "boards/virt/board.dts"\n');
  partita.file('system.dts', SYSTEM);
  partita.file('base.raw', new Uint8Array(4096));
  const disk = createFile(at('disk.qcow2'), false);
  createQcow2(disk, { ...USUAL, size: 4096, backing: { name: 'base.raw', format: 'raw' } });
  disk.close();
  // b . at the entry
  partita.file('loop.elf', elf([0xeafffffe], 0x4000_8000));
  partita.file('old.pcap', Buffer.from('4d3cb2a100', 'hex'));
  symlinkSync('hello.elf', at('link'));
  linkSync(at('hello.elf'), at('hard'));
}, 60_000);
afterAll(() => partita.remove());

describe('what a run has read', () => {
  it.each([
    ['hello.elf', ['--report', 'hello.elf']],
    ['hello.elf', ['--trace', 'link', '--snapshot']],
    ['hello.elf', ['--trace-text', 'hard']],
    ['hello.elf', ['--profile', 'p', '--coverage', 'hello.elf']],
    ['hello.elf', ['--record', 'hello.elf']],
    ['board.dtsi', ['--trace-instructions', 'board.dtsi']],
    ['disk.qcow2', ['--report', 'disk.qcow2', '--trace', 'first']],
    ['base.raw', ['--report', 'base.raw', '--snapshot']],
    ['symbols.elf', ['--profile', 'symbols.elf', '--symbols', 'a=symbols.elf']],
  ])('is not overwritten: %s by %j', (file, argv) => {
    const before = readFileSync(at(file));
    const { status, stderr } = partita.run('run', 'system.dts', '--for', '1ms', '--quiet', ...argv);
    expect(stderr).toMatch(/^partita: --[a-z-]+ [^ ]+ would overwrite what the run reads: [^\n]+\n$/);
    expect({ status, same: readFileSync(at(file)).equals(before) }).toEqual({ status: 2, same: true });
  });

  it('is not overwritten by boot either, and an earlier capture stays', () => {
    const boot = (...more: string[]) => partita.run('boot', 'loop.elf', '--instructions', '100', '--quiet', ...more);
    const [disk, capture] = [readFileSync(at('base.raw')), readFileSync(at('old.pcap'))];
    expect(boot('--drive', 'base.raw', '--net', 'lan,pcap=old.pcap', '--report', 'base.raw')).toMatchObject({
      status: 2,
      stderr: 'partita: --report base.raw would overwrite what the run reads: base.raw\n',
    });
    expect(boot('--net', 'lan,pcap=old.pcap', '--report', 'old.pcap')).toMatchObject({
      status: 2,
      stderr: 'partita: --report and a capture: the same file old.pcap\n',
    });
    expect([readFileSync(at('base.raw')), readFileSync(at('old.pcap'))]).toEqual([disk, capture]);
  });

  it('leaves all else to be written', () => {
    const outputs = ['--report', 'r.json', '--trace', 't', '--coverage', '/dev/null', '--profile', '/dev/null'];
    expect(partita.run('run', 'system.dts', '--quiet', '--for', '100ms', ...outputs)).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(at('r.json'), 'utf8')).partitions[0].state).toBe('off');
  });
});
