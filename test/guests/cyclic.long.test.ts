/** The demo on one core under the cyclic schedule, whole: what control says of itself with rogue, without it, and by round robin. */
import { expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';

const { startOn } = await bundled<typeof import('../support/jit-demo.ts')>('test/support/jit-demo.ts');
const END = 10_000_000_000;

function run(name: string) {
  const { machine, hypervisor } = startOn('jit', `boards/vexpress-a15/${name}.dts`);
  expect(machine.run(END)).toBe('ended');
  const [control, telemetry, rogue] = hypervisor.report();
  return { text: (of: string) => machine.consoles.get(of)?.text() ?? '', control, telemetry, rogue };
}

it('control has the same jitter to the nanosecond with rogue and without it, over 5,200 periods', () => {
  const [beside, alone] = [run('cyclic'), run('cyclic-without-rogue')];
  expect(beside.text('control')).toBe(alone.text('control'));
  expect(beside.text('telemetry')).toBe(alone.text('telemetry'));
  expect(beside.text('control')).toMatch(/jitter min (\d+) max \1 mean \1 ns, period min 1000000 max 1000000 mean 1000000 ns\n$/);
  expect(beside.control).toEqual({ ...alone.control });
  expect(beside.rogue?.vcpus[0]).toMatchObject({ overrunNs: 0, windows: { minNs: 0, maxNs: 0 } });
  expect(beside.text('rogue')).toMatch(/0 breaches\n$/);
}, 120_000);
