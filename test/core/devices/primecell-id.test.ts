import { describe, expect, it } from 'vitest';
import { NOBODY } from '../../../core/bus/registers.ts';
import { DeviceWindow } from '../../../core/bus/window.ts';
import { PERIPHERAL_IDS, PrimeCellId } from '../../../core/devices/primecell-id.ts';
import { deviceContract } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { compareWithQemu } from '../../support/register-oracle.ts';

const known = (compatible: string) => new PrimeCellId(PERIPHERAL_IDS[compatible] as number);

describe('a PrimeCell that is not modelled', () => {
  deviceContract(() => known('arm,pl041'));

  it('reads as zero elsewhere, and the access is told', () => {
    const strays: [number, boolean][] = [];
    const window = new DeviceWindow('mmci', known('arm,pl181'), (offset, write) => strays.push([offset, write]));
    expect(window.read(0x34, 4, NOBODY)).toBe(0);
    window.write(0x00, 4, 0xff, NOBODY);
    expect(window.read(0xfe0, 4, NOBODY)).toBe(0x81);
    expect(strays).toEqual([
      [0x34, false],
      [0x00, true],
    ]);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc')).each([
    ['arm,pl041', 0x1c04_0000],
    ['arm,pl181', 0x1c05_0000],
    ['arm,pl050', 0x1c06_0000],
    ['arm,pl111', 0x1c1f_0000],
  ])('%s has the identification that QEMU gives it', (compatible, base) => {
    const steps = Array.from({ length: 8 }, (_, i) => ({ name: 'ID', offset: 0xfe0 + 4 * i, width: 4 as const }));
    expect(compareWithQemu({ machine: 'vexpress-a15', base }, known(compatible), steps)).toBe(8);
  });
});
