/** All device trees that come with Debian's kernel for ARM, read and rewritten, and their sources read back. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cpuRegions } from '../../../../core/machine/devicetree/addresses.ts';
import { readDtb } from '../../../../core/machine/devicetree/dtb-reader.ts';
import { writeDtb } from '../../../../core/machine/devicetree/dtb-writer.ts';
import { DeviceTreeError } from '../../../../core/machine/devicetree/error.ts';
import { interrupts } from '../../../../core/machine/devicetree/interrupts.ts';
import { debianPackage } from '../../../../tools/fetch/debian.ts';
import { have } from '../../../support/oracles.ts';
import { dtc, parseFiles } from './sources.ts';

const kernel = have('dtc') ? debianPackage('linux-image-armmp', 'armhf') : undefined;
const paths = kernel === undefined ? [] : listing(`${kernel}/usr/lib`);

function listing(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true }) as string[];
  return found.filter((path) => path.endsWith('.dtb')).map((path) => `${folder}/${path}`);
}

describe.skipIf(kernel === undefined)("the device trees of Debian's ARM kernel", () => {
  it('are several hundred', () => {
    expect(paths.length).toBeGreaterThan(800);
  });

  it('are rewritten as dtc rewrites them', () => {
    const different = paths.filter((path) => {
      const bytes = readFileSync(path);
      return !dtc('dtb', bytes).equals(writeDtb(readDtb(bytes, path)));
    });
    expect(different).toEqual([]);
  });

  it('come back from the source that dtc makes of them', () => {
    const different = paths.filter((path) => {
      const source = spawnSync('dtc', ['-q', '-I', 'dtb', '-O', 'dts', path], { maxBuffer: 64 << 20 }).stdout;
      return !dtc('dts', source).equals(writeDtb(parseFiles({ 'test.dts': source })));
    });
    expect(different).toEqual([]);
  });

  it("send the interrupts of the Versatile Express boards to its GIC, and its devices to the manual's addresses", () => {
    const path = paths.find((name) => name.endsWith('/vexpress-v2p-ca15-tc1.dtb'))!;
    const { root } = readDtb(readFileSync(path), path);
    const uart = [...root.walk()].find((node) => node.isCompatible('arm,pl011') && node.unitAddress === '90000')!;
    expect(cpuRegions(uart)).toEqual([{ address: 0x1c09_0000, size: 0x1000 }]);
    expect(interrupts(uart).map(({ controller, specifier }) => [controller.compatible[0], ...specifier])).toEqual([
      ['arm,cortex-a15-gic', 0, 5, 4],
    ]);
  });

  it('have interrupts and addresses that resolve, or a complaint that says why', () => {
    const counts = { interrupts: 0, regions: 0 };
    for (const path of paths) {
      for (const node of readDtb(readFileSync(path), path).root.walk()) {
        counts.interrupts += attempt(() => interrupts(node).length);
        counts.regions += attempt(() => cpuRegions(node).length);
      }
    }
    expect(counts.interrupts).toBeGreaterThan(50_000);
    expect(counts.regions).toBeGreaterThan(50_000);
  });
});

function attempt(action: () => number): number {
  try {
    return action();
  } catch (error) {
    if (error instanceof DeviceTreeError) return 0;
    throw error;
  }
}
