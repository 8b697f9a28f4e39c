/** Our floating-point arithmetic against the instructions themselves, as `qemu-arm` runs them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../../../support/oracles.ts';
import { differences } from './differential.ts';
import { operations } from './operations.ts';
import { QemuArm } from './qemu-arm.ts';

const installed = have('qemu-arm', 'arm-none-eabi-gcc');

describe.skipIf(!installed)('VFP against qemu-arm', () => {
  let qemu: QemuArm;

  beforeAll(() => {
    qemu = new QemuArm(operations);
  });

  afterAll(() => qemu.remove());

  it('gives the same registers and the same FPSCR in 200,000 cases of all operations and modes', () => {
    expect(differences(qemu, 1, 200_000)).toEqual([]);
  });
});
