/**
 * Stage-2 aborts: an access to an emulated device is carried out if the syndrome describes it completely; everything else is answered with the
 * external abort that a bus gives for an address where nothing is. Reference: Arm DDI 0406C, B3.13.6 (data abort syndrome), B3.13.7 (HPFAR).
 */
import { bits, hex, signExtend } from '../base/bits.ts';
import type { Width } from '../bus/window.ts';
import { MODE, readModeRegister, writeModeRegister } from '../cpu/modes.ts';
import type { Cpu } from '../cpu/state.ts';
import type { Caller } from './caller.ts';
import { type EmulatedDevice, emulatedAt } from './emulated-devices.ts';
import { explainAccess } from './explanation.ts';
import { abortVector, injectDataAbort, injectPrefetchAbort, skipInstruction } from './injection.ts';
import { readBanked, readModeOfGuest, readSpsr, readSystem, stage1Address, toNumber } from './machine-registers.ts';
import { tellAccess } from './watch.ts';

/** Bits of HSR.ISS for a data abort. */
const ISS = { ISV: 1 << 24, SSE: 1 << 21, CM: 1 << 8, S1PTW: 1 << 7, WNR: 1 << 6 } as const;
const BIG_ENDIAN = 1 << 9;
const CAUSE = { translation: 1, accessFlag: 2, permission: 3 } as const;
/** Prefetch aborts in a row at its own abort vector after which a guest is lost. */
const STORM = 1000;

/** HSR.DFSC or IFSC: what kind of fault, whatever the level. */
const causeOf = (iss: number): number => (bits(iss, 5, 0) < 0x10 ? bits(iss, 3, 2) : 0);

/** HPFAR holds the address for a translation fault or one on a walk; for a permission fault stage 1 must be asked again. */
function faultAddress(cpu: Cpu, iss: number, va: number): number {
  const hpfar = readSystem(cpu, 'HPFAR');
  const page = toNumber(hpfar << 8, hpfar >>> 24);
  if ((iss & ISS.S1PTW) !== 0) return page;
  const found = causeOf(iss) === CAUSE.permission ? stage1Address(cpu, va, (iss & ISS.WNR) !== 0) : undefined;
  return found ?? page + (va & 0xfff);
}

/** Three answers to an access of an emulated device's window: what it read, or that it is denied, or that no device is there. */
type Answer = { readonly value: number } | { readonly denied: string } | undefined;

interface DataAccess {
  readonly ipa: number;
  readonly width: Width;
  /** Undefined for a read. */
  readonly value: number | undefined;
}

function swap(value: number, width: Width): number {
  const whole = ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
  return width === 4 ? whole : width === 2 ? whole >>> 16 : value;
}

function emulateDevice(caller: Caller, device: EmulatedDevice, { ipa, width, value }: DataAccess): Answer {
  if (ipa % width !== 0) return { denied: `the address is not aligned to ${width} bytes` };
  const offset = ipa - device.base;
  const answer = value === undefined ? device.read(caller, offset, width) : 0;
  if (value !== undefined) device.write(caller, offset, width, value);
  if (caller.partition.trace !== undefined)
    tellAccess(caller, { device: device.name, address: ipa, width, write: value !== undefined, value: value ?? answer });
  return { value: answer };
}

/** A load or store that HSR describes: register, width, direction. */
function emulateAccess(caller: Caller, iss: number, ipa: number): Answer {
  const { cpu } = caller;
  const device = emulatedAt(caller.partition.config, ipa);
  if (device === undefined) return undefined;
  if ((iss & ISS.ISV) === 0) return { denied: 'the instruction has no valid syndrome, and the hypervisor does not guess' };
  const width = ([1, 2, 4, 4] as const)[bits(iss, 23, 22) as 0 | 1 | 2 | 3];
  const Rt = bits(iss, 19, 16);
  const mode = readModeOfGuest(cpu);
  const big = (readSpsr(cpu) & BIG_ENDIAN) !== 0;
  if ((iss & ISS.WNR) !== 0) {
    const mask = width === 4 ? 0xffffffff : width === 2 ? 0xffff : 0xff;
    const stored = (readModeRegister(cpu, Rt, mode) & mask) >>> 0;
    const value = big ? swap(stored, width) : stored;
    return emulateDevice(caller, device, { ipa, width, value });
  }
  const answer = emulateDevice(caller, device, { ipa, width, value: undefined });
  if (answer === undefined || 'denied' in answer) return answer;
  const value = big ? swap(answer.value, width) : answer.value;
  writeModeRegister(cpu, Rt, mode, (iss & ISS.SSE) !== 0 && width !== 4 ? signExtend(value, 8 * width) : value);
  return answer;
}

/** A data abort of stage 2. Returns what to count the exit as. */
export function dataAbort(caller: Caller, iss: number, size: number): string {
  const { cpu, services } = caller;
  const va = readSystem(cpu, 'HDFAR') >>> 0;
  const ipa = faultAddress(cpu, iss, va);
  const onWalk = (iss & ISS.S1PTW) !== 0;
  const write = (iss & ISS.WNR) !== 0;
  // Cache maintenance of an address where nothing is has nothing to do. The syndrome of such an operation tells no instruction size but 4.
  if ((iss & ISS.CM) !== 0 && !onWalk) {
    skipInstruction(cpu, 4);
    return 'cache maintenance';
  }
  const answer = causeOf(iss) === CAUSE.translation && !onWalk ? emulateAccess(caller, iss, ipa) : undefined;
  if (answer !== undefined && 'value' in answer) {
    skipInstruction(cpu, size);
    return 'mmio';
  }
  const explained = explainAccess(caller, { va, ipa, kind: write ? 'write' : 'read', onWalk });
  const denied = answer === undefined ? '' : `; ${answer.denied}`;
  services.fault(caller, { kind: 'data abort', va, ipa, why: () => explained.why() + denied, violation: true });
  injectDataAbort(cpu, { address: va, write, level: onWalk ? explained.level() : 0 });
  return 'data abort';
}

/** An instruction fetch that stage 2 refuses. */
export function prefetchAbort(caller: Caller, iss: number): string {
  const { cpu, vcpu, services } = caller;
  const va = readSystem(cpu, 'HIFAR') >>> 0;
  const ipa = faultAddress(cpu, iss, va);
  const onWalk = (iss & ISS.S1PTW) !== 0;
  const atVector = readBanked(cpu, 'ELR_hyp') === abortVector(cpu) && readModeOfGuest(cpu) === MODE.abt;
  const explained = explainAccess(caller, { va, ipa, kind: 'execute', onWalk });
  vcpu.abortStorm = atVector ? vcpu.abortStorm + 1 : 0;
  if (vcpu.abortStorm === 0) {
    services.fault(caller, { kind: 'prefetch abort', va, ipa, why: explained.why, violation: true });
  } else if (vcpu.abortStorm === STORM) {
    const why = () =>
      `${STORM} prefetch aborts in a row at the abort vector ${hex(va)}, which cannot be fetched: ${explained.why()}`;
    services.fault(caller, { kind: 'abort storm', va, ipa, why, violation: true });
  }
  injectPrefetchAbort(cpu, { address: va, write: false, level: onWalk ? explained.level() : 0 });
  return 'prefetch abort';
}
