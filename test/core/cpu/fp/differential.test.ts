/** Our floating-point arithmetic against the instructions as `qemu-arm` runs them, and against the host's own processor. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../../../support/oracles.ts';
import { differences } from './differential.ts';
import { HostProcessor, isSuitableHost } from './host.ts';
import { operations } from './operations.ts';
import { QemuArm } from './qemu-arm.ts';
import { Random } from './random.ts';
import { randomVectors } from './vectors.ts';

describe.skipIf(!have('qemu-arm', 'arm-none-eabi-gcc'))('floating point against qemu-arm', () => {
  let qemu: QemuArm;

  beforeAll(() => {
    qemu = new QemuArm(operations);
  });

  afterAll(() => qemu.remove());

  it('gives the same registers and the same FPSCR in 200,000 cases of all operations and modes', () => {
    expect(differences(qemu, randomVectors(qemu, new Random(1), 200_000))).toEqual([]);
  });
});

describe.skipIf(!have('gcc') || !isSuitableHost)("floating point against the host's processor", () => {
  let host: HostProcessor;

  beforeAll(() => {
    host = new HostProcessor(operations);
  });

  afterAll(() => host.remove());

  it('gives the same registers and the same FPSCR in 200,000 cases of all operations and modes', () => {
    expect(differences(host, randomVectors(host, new Random(7), 200_000))).toEqual([]);
  });
});
