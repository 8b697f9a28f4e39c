import { expect, it } from 'vitest';
import { emptyPciWindow, PciEcam } from '../../../core/devices/pci-host.ts';

it('bus 0, device 0, function 0 is a host bridge in whatever width it is read (7.5)', () => {
  const ecam = new PciEcam('ecam');
  expect([ecam.read(0, 4), ecam.read(0, 2), ecam.read(2, 2), ecam.read(0x0b, 1)]).toEqual([0x0008_1b36, 0x1b36, 0x0008, 0x06]);
});

it.each([
  ['another function', 0x1000],
  ['another device', 0x8000],
  ['another bus', 0x10_0000],
])('%s is not there: ones', (_, offset) => {
  const ecam = new PciEcam('ecam');
  expect([ecam.read(offset, 4), ecam.read(offset, 2), ecam.read(offset, 1)]).toEqual([0xffff_ffff, 0xffff, 0xff]);
});

it('keeps command, cache line size and interrupt line, and nothing else', () => {
  const ecam = new PciEcam('ecam');
  ecam.write(0x04, 2, 0xffff);
  ecam.write(0x0c, 1, 0x08);
  ecam.write(0x3c, 1, 0x21);
  ecam.write(0x00, 4, 0);
  ecam.write(0x10, 4, 0xffff_ffff);
  expect([0x00, 0x04, 0x0c, 0x10, 0x3c].map((at) => ecam.read(at, 4))).toEqual([0x0008_1b36, 0x0107, 0x08, 0, 0x21]);
  const copy = new PciEcam('copy');
  copy.load(ecam.save());
  expect(copy.save()).toEqual(ecam.save());
  ecam.reset();
  expect([0x04, 0x0c, 0x3c].map((at) => ecam.read(at, 4))).toEqual([0, 0, 0]);
});

it('a window onto addresses that nothing answers reads ones', () => {
  const window = emptyPciWindow('window');
  const from = { core: 0, secure: false };
  window.write(0, 4, 0, from);
  expect([window.read(0, 4, from), window.read(0, 1, from)]).toEqual([0xffff_ffff, 0xff]);
});
