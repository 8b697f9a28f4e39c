/** Exits of a guest, by exception class (HSR.EC): each is answered by its own part of the hypervisor. Reference: Arm DDI 0406C, B3.13.6. */
import { EC } from '../cpu/syndrome.ts';
import type { Caller } from './caller.ts';
import { ERROR, type Results } from './hypercall.ts';
import { vendorCall } from './hypercalls.ts';
import { injectUndefined, skipInstruction } from './injection.ts';
import { readBanked, readSystem } from './machine-registers.ts';
import { firmwareCall } from './psci.ts';
import { emulateMove, emulateVmrs, emulateWide, moveText } from './trap-coprocessor.ts';
import { dataAbort, prefetchAbort } from './trap-memory.ts';
import { tellCall } from './watch.ts';

const IL = 1 << 25;
/** HSR.ISS of a trapped WFE. */
const IS_WFE = 1;

/** Handles the exception that brought the processor to Hyp mode's trap vector. Returns what to count it as. */
export function handleTrap(caller: Caller): string {
  const hsr = readSystem(caller.cpu, 'HSR');
  const iss = hsr & 0x1ffffff;
  const size = (hsr & IL) !== 0 ? 4 : 2;
  switch (hsr >>> 26) {
    case EC.wfx:
      return waits(caller, iss, size);
    case EC.cp15:
      return move(caller, 15, iss, size);
    case EC.cp14:
      return move(caller, 14, iss, size);
    case EC.cp14Wide:
      return emulateWide(caller, iss)
        ? skip(caller, size, 'cp14')
        : makeUndefined(caller, 'cp14', 'MRRC or MCRR of coprocessor 14');
    case EC.cp15Wide:
      return makeUndefined(caller, 'cp15', 'MRRC or MCRR of a register that a partition does not have');
    case EC.cp10Id:
      return emulateVmrs(caller, iss)
        ? skip(caller, size, 'vmrs')
        : makeUndefined(caller, 'vmrs', 'VMSR of an identification register');
    case EC.hvc:
      return hypervisorCall(caller, iss & 0xffff);
    case EC.smc:
      skipInstruction(caller.cpu, 4);
      call(caller);
      return 'smc';
    case EC.dataAbort:
      return dataAbort(caller, iss, size);
    case EC.prefetchAbort:
      return prefetchAbort(caller, iss);
    default:
      return makeUndefined(caller, 'other', `an instruction of exception class ${hsr >>> 26}`);
  }
}

function skip({ cpu }: Caller, size: number, cause: string): string {
  skipInstruction(cpu, size);
  return cause;
}

function waits({ cpu, vcpu, services }: Caller, iss: number, size: number): string {
  skipInstruction(cpu, size);
  if ((iss & IS_WFE) !== 0) {
    services.pause(vcpu);
    return 'wfe';
  }
  services.block(vcpu);
  return 'wfi';
}

function move(caller: Caller, coprocessor: 14 | 15, iss: number, size: number): string {
  const cause = coprocessor === 15 ? 'cp15' : 'cp14';
  if (emulateMove(caller, coprocessor, iss)) return skip(caller, size, cause);
  return makeUndefined(caller, cause, moveText(coprocessor, iss));
}

/** The instruction is UNDEFINED for the guest; it is told so, and the log as well. */
function makeUndefined(caller: Caller, cause: string, what: string): string {
  const { cpu, services } = caller;
  const why = () => `${what}: a partition does not have it, so it is UNDEFINED`;
  services.fault(caller, { kind: 'undefined', va: readBanked(cpu, 'ELR_hyp') >>> 0, ipa: 0, why, violation: false });
  injectUndefined(cpu);
  return cause;
}

/** HVC: SMCCC's calls have the immediate 0, others are nobody's. */
function hypervisorCall(caller: Caller, immediate: number): string {
  if (immediate === 0) call(caller);
  else caller.cpu.words[0] = ERROR.NOT_SUPPORTED;
  return 'hvc';
}

/** SMCCC: the function in R0, arguments in R1 to R3. PSCI may come by SMC too; the same service answers. */
function call(caller: Caller): void {
  const { words } = caller.cpu;
  const argument = (n: number): number => (words[n] as number) >>> 0;
  const id = argument(0);
  const registers = [argument(1), argument(2), argument(3)] as const;
  const results: Results = firmwareCall(caller, id, registers) ?? vendorCall(caller, id, registers);
  tellCall(caller, id, registers, results);
  for (let n = 0; n < results.length; n++) words[n] = results[n] as number;
}
