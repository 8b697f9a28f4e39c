/** The long form of `differential.test.ts`: other seeds, many more cases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../../../support/oracles.ts';
import { differences } from './differential.ts';
import { operations } from './operations.ts';
import { QemuArm } from './qemu-arm.ts';

const installed = have('qemu-arm', 'arm-none-eabi-gcc');

describe.skipIf(!installed)('VFP against qemu-arm, at length', () => {
  let qemu: QemuArm;

  beforeAll(() => {
    qemu = new QemuArm(operations);
  });

  afterAll(() => qemu.remove());

  it.each(Array.from({ length: 10 }, (_, index) => 1000 + index))(
    'gives the same answers in 500,000 cases of seed %i',
    (seed) => {
      expect(differences(qemu, seed, 500_000)).toEqual([]);
    },
  );
});
