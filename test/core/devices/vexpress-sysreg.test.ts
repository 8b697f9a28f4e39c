import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { VexpressSysreg } from '../../../core/devices/vexpress-sysreg.ts';
import { deviceContract, randoms } from '../../support/device-contract.ts';
import { have } from '../../support/oracles.ts';
import { compareWithQemu, randomSteps } from '../../support/register-oracle.ts';

function sysreg() {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const device = new VexpressSysreg({ reset: () => seen.push('reset'), shutdown: () => seen.push('shutdown') }, clock);
  const configure = (control: number, data = 0) => {
    device.write('SYS_CFGDATA', data);
    device.write('SYS_CFGCTRL', control >>> 0);
    return { status: device.read('SYS_CFGSTAT'), data: device.read('SYS_CFGDATA') };
  };
  return { clock, seen, device, configure };
}

describe('Versatile Express system registers', () => {
  describe('as a device', () => {
    deviceContract((clock) => new VexpressSysreg({ reset: () => {}, shutdown: () => {} }, clock));
  });

  it('counts at 24 MHz and at 100 Hz', () => {
    const { clock, device } = sysreg();
    clock.advance(1_000_000_000);
    expect([device.read('SYS_24MHZ'), device.read('SYS_100HZ')]).toEqual([24_000_000, 100]);
    clock.advance(200_000_000_000);
    expect(device.read('SYS_24MHZ')).toBe(4_800_000_000 - 0x1_0000_0000);
  });

  it('tells and changes the rate of an oscillator', () => {
    const { configure } = sysreg();
    expect(configure(0x80110000)).toEqual({ status: 1, data: 60_000_000 });
    expect(configure(0xc0110000, 50_000_000).status).toBe(1);
    expect(configure(0x80110000).data).toBe(50_000_000);
  });

  it('answers an error for what does not exist', () => {
    const { configure } = sysreg();
    expect(configure(0x80110009, 7)).toEqual({ status: 3, data: 7 });
    expect(configure(0x80120000, 7)).toEqual({ status: 3, data: 7 });
  });

  it('asks the board for a reset or a shutdown', () => {
    const { seen, configure } = sysreg();
    configure(0xc0900000);
    configure(0xc0800000);
    expect(seen).toEqual(['reset', 'shutdown']);
  });

  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))(
    'answers random accesses and all of the configuration bus as QEMU does',
    () => {
      const { device } = sysreg();
      const random = randoms(447);
      const steps = randomSteps(device.registers, random, 6000, (name, value) => {
        if (name === 'SYS_100HZ' || name === 'SYS_24MHZ') return undefined; // depend on time
        if (name === 'SYS_LED') return value & 0xff; // QEMU keeps all 32 bits
        if (name !== 'SYS_CFGCTRL') return value;
        const call = random() % 3 === 0 ? random() % 14 : 1 + (random() % 2);
        const start = call === 5 || call === 8 || call === 9 || random() % 8 === 0 ? 0 : 0x80000000; // reset, shutdown and reboot
        const elsewhere = [0, 0, 0, 0x0400_0000, 0x1000][random() % 5] as number; // another controller or position
        return (start | (value & 0x40000000) | elsewhere | (call << 20) | ((random() % 3) << 16) | (random() % 10)) >>> 0;
      });
      expect(compareWithQemu({ machine: 'vexpress-a15', base: 0x1c01_0000 }, device, steps)).toBe(6000);
    },
  );
});
