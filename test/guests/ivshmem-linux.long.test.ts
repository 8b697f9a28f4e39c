/** Debian's kernel as a peer of an ivshmem link: frames by uio_pci_generic, what it cannot write, and restarts of either side. */
import { beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { haveLinux } from '../support/linux.ts';
import type { IvshmemRun, Step } from '../support/linux-ivshmem.ts';

const BIND =
  'for m in virtio_mmio 9pnet_virtio 9p uio_pci_generic; do modprobe $m; done; mount -t 9p -o trans=virtio guests /mnt; echo 110a 4106 > /sys/bus/pci/drivers/uio_pci_generic/new_id';
const RECEIVE = '/mnt/receiver.elf';
const [LOOK, COUNT, POKE, POKE_TABLE, POKE_OWN] = [
  'cd /sys/bus/pci/devices/0000:00:00.0; cat vendor device class; head -3 resource; cat config | hexdump -C | head -2; basename $(readlink driver); cd /',
  'grep uio /proc/interrupts',
  `${RECEIVE} poke 0`,
  `${RECEIVE} poke table`,
  `${RECEIVE} poke 1`,
];
const RUNNING = { when: 'sender', shows: 'frames to 1 receivers' };
const STEPS: readonly Step[] = [
  ...[BIND, LOOK, RECEIVE, COUNT, POKE, POKE_TABLE, POKE_OWN, RECEIVE].map((type) => ({ type })),
  { restart: 'sender', ...RUNNING },
  { type: RECEIVE },
  { restart: 'linux', ...RUNNING },
  { type: BIND },
  { type: RECEIVE },
];
const ALL = /^receiver: 100000 frames, 0 lost, 0 bad CRC, (\d+) interrupts$/m;

describe.skipIf(!haveLinux())('Linux with two processors, a sender, and a hostile peer that never rests', () => {
  let run: IvshmemRun;
  /** By the place of the command among those typed; the first answer is what came before any. */
  const answer = (i: number) => run.answers[i + 1] ?? '';

  beforeAll(async () => {
    const { runIvshmem } = await bundled<typeof import('../support/linux-ivshmem.ts')>('test/support/linux-ivshmem.ts');
    run = runIvshmem(100_000, STEPS, 4e9);
  }, 300_000);

  it('finds the function, gives it registers, and its memory where the hypervisor has it', () => {
    const lines = answer(1).split('\n');
    expect(lines).toEqual(expect.arrayContaining(['0x110a', '0x4106', '0xff4000', 'uio_pci_generic']));
    const [bar0, , bar2] = lines.filter((line) => /^0x\w{16} /.test(line)).map((line) => line.split(' ').map(Number));
    expect(bar0?.slice(0, 2)).toEqual([0x2300_0000, 0x2300_0fff]);
    expect(bar2?.slice(0, 2)).toEqual([0x3000_0000, 0x3003_1fff]);
    expect(answer(1)).toContain('00000000  0a 11 06 41 02 00 10 00  00 00 40 ff 00 00 00 00');
  });

  it('takes every frame, woken by interrupts that the kernel counts', () => {
    const [, taken] = ALL.exec(answer(2)) ?? [];
    const [, counted] = / (\d+) +0 GIC-0 +48 Edge +uio_pci_generic/.exec(answer(3)) ?? [];
    expect(Number(taken)).toBeGreaterThan(10);
    expect(Number(counted)).toBeGreaterThanOrEqual(Number(taken));
    expect(Number(counted)).toBeLessThan(Number(taken) + 5);
  });

  it('cannot write what is not its own, and the report says why', () => {
    for (const i of [4, 5]) expect(answer(i)).toContain('Unhandled fault: synchronous external abort');
    for (const i of [4, 5]) expect(answer(i)).toMatch(/\nBus error\n/);
    expect(answer(6)).toContain('receiver: it has 00000bad now');
    const linux = run.report.partitions.find(({ name }) => name === 'linux');
    expect(linux?.faults.map(({ why }) => why.split('. [')[0])).toEqual([
      "write to read-only channel 'frames: output section of peer 0 (sender)' at guest physical address 0x30002000",
      "write to read-only channel 'frames: state table' at guest physical address 0x30000000",
    ]);
    expect(linux?.faults[0]?.why).toContain('stage 2 permission fault at level 3 for IPA 0x30002000');
  });

  it('sees the sender go and come, and takes the new run', () => {
    expect(answer(7)).toMatch(/^receiver: the sender is gone after \d+ frames\nreceiver: the sender is back$/m);
    expect(answer(7)).toMatch(ALL);
  });

  it('may restart itself, and the sender begins anew when it is back', () => {
    expect(answer(8)).not.toMatch(ALL);
    expect(run.consoles['sender']).toMatch(/epoch 4, \d+ frames written, and a receiver changed/);
    expect(run.answers.at(-1)).toMatch(ALL);
    expect(run.consoles['sender']?.trimEnd().split('\n').at(-1)).toBe('sender: epoch 5, 100001 frames taken by all');
  });

  it('notices nothing of the hostile peer, all of whose attacks are refused', () => {
    expect(run.consoles['hostile']).toContain('listener: 6 attacks, 6 refused, 0 breaches');
    expect(run.consoles['hostile']).not.toContain('BREACH');
    const counts = Object.fromEntries(
      run.report.partitions.map(({ name, restarts, faultCount }) => [name, [restarts, faultCount]]),
    );
    expect(counts).toMatchObject({ sender: [1, 0], linux: [1, 2] });
    expect(counts['hostile']?.[0]).toBeGreaterThan(3);
  });
});
