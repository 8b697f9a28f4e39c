/** The demo as a whole machine with its hypervisor: saved, loaded, and run on. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../../../support/bundled.ts';
import { filesWith } from '../rig.ts';

const bundle = await bundled<typeof import('./start.ts')>('test/core/machine/system/start.ts');
const MS = 1_000_000;
const start = (path = 'boards/vexpress-a15/demo.dts', files = filesWith({})) => bundle.start(path, files);

describe('a system', () => {
  it('goes on in another one as it would have in its own', () => {
    const [first, second] = [start(), start()];
    second.machine.run(3 * MS);
    first.machine.run(5 * MS);
    second.machine.load(first.machine.save());
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
    for (const { machine } of [first, second]) machine.run(8 * MS);
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
    expect(second.hypervisor.report()).toEqual(first.hypervisor.report());
  });

  it('run in pieces is in the state of one run', () => {
    const [first, second] = [start(), start()];
    for (let until = 170_000; until < 6 * MS; until += 170_000) first.machine.run(until);
    for (const { machine } of [first, second]) machine.run(6 * MS);
    expect(first.machine.stateHash()).toBe(second.machine.stateHash());
    expect(first.hypervisor.report()).toEqual(second.hypervisor.report());
  });

  it('has a console for each partition, besides those of the board', () => {
    expect([...start().machine.consoles.keys()]).toEqual(expect.arrayContaining(['serial0', 'control', 'telemetry', 'rogue']));
  });

  it('gives a partition devices where it wants to see them, which are none of the board', () => {
    const devices = `
      v { compatible = "partita,virtio"; partita,virtio = "entropy"; reg = <0x0 0x24000000 0x0 0x200>; };
      f { compatible = "partita,ivshmem"; partita,link = "l"; partita,peer = <0>; reg = <0x0 0x31000000 0x0 0x1000>; };`;
    const linked = 'l { compatible = "partita,ivshmem-link"; partita,peers = <2>; };';
    const text = `#include "demo.dts"\n/ { ${linked} chosen { rogue { ${devices} }; }; };\n`;
    const { machine } = start('boards/vexpress-a15/placed.dts', filesWith({ 'boards/vexpress-a15/placed.dts': text }));
    expect(machine.unmodelled.filter(({ path }) => path.startsWith('/chosen'))).toEqual([]);
  });

  it('that has anything wrong with it does not start', () => {
    const text = '#include "demo.dts"\n/ { chosen { rogue { partita,devices = <&{/interrupt-controller@2c001000}>; }; }; };\n';
    const files = filesWith({ 'boards/vexpress-a15/broken.dts': text });
    expect(() => start('boards/vexpress-a15/broken.dts', files)).toThrow(/^boards\/vexpress-a15\/broken\.dts:2:\d+: /);
    expect(() => start('boards/vexpress-a15/broken.dts', files)).toThrow("the interrupt controller is the hypervisor's");
  });
});
