/**
 * Replays a table of register accesses, each by a given core and in a given security state, on a machine of QEMU. After each access the
 * program also notes which interrupts the core sees. On virt, whose GIC has no Security Extensions, software runs in Hyp mode: ISR there
 * shows the physical interrupts, ISR in Supervisor mode under HCR.{IMO, FMO} the virtual ones. On vexpress-a15 it runs in Secure
 * Supervisor mode, and visits Non-secure Supervisor mode through a monitor.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Width } from '../../core/bus/window.ts';

export type ReplayMachine = 'virt' | 'vexpress-a15';

export interface CoreAccess {
  readonly core: number;
  readonly secure: boolean;
  readonly address: number;
  readonly width: Width;
  /** The value to write; a read if absent. */
  readonly write?: number;
}

export interface Replayed {
  /** What a read gave, 0 for a write. */
  readonly value: number;
  readonly irq: boolean;
  readonly fiq: boolean;
  /** Not looked at while a physical interrupt is pending, which would be taken at once in Supervisor mode. */
  readonly virq: boolean | undefined;
  readonly vfiq: boolean | undefined;
}

export function replayOnCores(machine: ReplayMachine, cores: number, accesses: readonly CoreAccess[]): Replayed[] {
  const folder = mkdtempSync(join(tmpdir(), 'gic-'));
  try {
    const { base, options } = MACHINES[machine];
    writeFileSync(join(folder, 'table.bin'), table(accesses));
    writeFileSync(join(folder, 'replay.S'), program(machine, cores, accesses.length));
    const flags = ['-march=armv7ve', '-nostdlib', `-Wl,-Ttext=${base}`, '-Wl,--build-id=none', '-o', 'replay.elf', 'replay.S'];
    run(folder, 'arm-none-eabi-gcc', flags);
    const host = [
      '-accel',
      'tcg,thread=single',
      '-display',
      'none',
      '-serial',
      'null',
      '-monitor',
      'none',
      '-audiodev',
      'none,id=silent',
    ];
    const semihosting = ['-semihosting-config', 'enable=on,target=native', '-kernel', 'replay.elf'];
    run(folder, 'qemu-system-arm', [...options, '-cpu', 'cortex-a15', '-smp', `${cores}`, ...host, ...semihosting]);
    const bytes = readFileSync(join(folder, 'result.bin'));
    return accesses.map((_, i) => replayed(bytes.readUInt32LE(8 * i), bytes.readUInt32LE(8 * i + 4)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MACHINES = {
  virt: { base: '0x40100000', options: ['-M', 'virt,virtualization=on,gic-version=2', '-m', '256M'] },
  'vexpress-a15': { base: '0x80100000', options: ['-M', 'vexpress-a15,secure=on', '-m', '256M'] },
} as const;

function replayed(value: number, signals: number): Replayed {
  const looked = signals >>> 31 === 0;
  return {
    value,
    irq: (signals & 0x80) !== 0,
    fiq: (signals & 0x40) !== 0,
    virq: looked ? (signals & 0x800000) !== 0 : undefined,
    vfiq: looked ? (signals & 0x400000) !== 0 : undefined,
  };
}

function run(folder: string, command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error?.message}: ${stderr}`);
}

/** Per access four words: security state, core, width and direction; address; value; unused. */
function table(accesses: readonly CoreAccess[]): Uint8Array {
  const words = new Uint32Array(accesses.length * 4);
  accesses.forEach(({ core, secure, address, width, write }, i) => {
    words.set([(secure ? 0 : 1 << 16) | (core << 8) | (width << 1) | (write === undefined ? 0 : 1), address, write ?? 0], i * 4);
  });
  return new Uint8Array(words.buffer);
}

/** Starts the other cores by PSCI; all go on in Hyp mode. */
const startHyp = (cores: number): string => `  ldr sp, =stack
  mov r4, #1
1: cmp r4, #${cores}
  bge core
  ldr r0, =0x84000003
  mov r1, r4
  ldr r2, =core
  mov r3, #0
  smc #0
  add r4, r4, #1
  b 1b

core:
  ldr r0, =vectors
  mcr p15, 4, r0, c12, c0, 0
  mov r0, #0x18
  mcr p15, 4, r0, c1, c1, 0
  isb`;

/** Secure software whose monitor only changes the security state and returns. */
const START_SECURE = `
  ldr r0, =vectors
  mcr p15, 0, r0, c12, c0, 1
  isb
  b core
monitor:
  mrc p15, 0, r9, c1, c1, 0
  eor r9, r9, #1
  mcr p15, 0, r9, c1, c1, 0
  isb
  movs pc, lr
core:`;

/** r1 and r9 are free. */
const LOOK_VIRTUAL = `  cmp r2, #0
  orrne r2, r2, #0x80000000
  bne note
  ldr r1, =supervisor
  msr ELR_hyp, r1
  mov r1, #0x1d3
  msr SPSR_cxsf, r1
  eret
supervisor:
  mrc p15, 0, r1, c12, c1, 0
  hvc #0
back:
  and r1, r1, #0xc0
  orr r2, r2, r1, lsl #16`;

const program = (machine: ReplayMachine, cores: number, count: number): string => `
  .syntax unified
  .arch_extension virt
  .arch_extension sec
  .arm
  .global _start
_start:
${machine === 'virt' ? startHyp(cores) : START_SECURE}
  mrc p15, 0, r8, c0, c0, 5
  and r8, r8, #0xff
  ldr r7, =turn
wait:
  ldr r6, [r7]
  ldr r0, =${count}
  cmp r6, r0
  bge done
  ldr r5, =accesses
  add r5, r5, r6, lsl #4
  ldr r4, [r5]
  ubfx r0, r4, #8, #8
  cmp r0, r8
  beq perform
  wfe
  b wait
perform:
  ldr r1, [r5, #4]
  ldr r2, [r5, #8]
  mov r3, #0
  tst r4, #0x10000
  smcne #0
  and r0, r4, #0xf
  cmp r0, #2
  ldrbeq r3, [r1]
  cmp r0, #3
  strbeq r2, [r1]
  cmp r0, #4
  ldrheq r3, [r1]
  cmp r0, #5
  strheq r2, [r1]
  cmp r0, #8
  ldreq r3, [r1]
  cmp r0, #9
  streq r2, [r1]
  dsb
  tst r4, #0x10000
  smcne #0
  ldr r0, =results
  add r0, r0, r6, lsl #3
  str r3, [r0]
  mrc p15, 0, r2, c12, c1, 0
  and r2, r2, #0xc0
${machine === 'virt' ? LOOK_VIRTUAL : '  orr r2, r2, #0x80000000'}
note:
  str r2, [r0, #4]
  add r6, r6, #1
  str r6, [r7]
  dsb
  sev
  b wait

done:
  cmp r8, #0
  beq finish
1: wfe
  b 1b
finish:
  mov r0, #0x01
  ldr r1, =open
  svc #0x123456
  ldr r1, =write
  str r0, [r1]
  mov r0, #0x05
  svc #0x123456
  mov r0, #0x18
  ldr r1, =0x20026
  svc #0x123456
1: b 1b
  .ltorg

  .balign 32
vectors:
  b .
  b .
  b ${machine === 'virt' ? '.' : 'monitor'}
  b .
  b .
  b ${machine === 'virt' ? 'back' : '.'}
  b .
  b .
  .balign 4
open: .word name, 5, 10
write: .word 0, results, ${count * 8}
turn: .word 0
name: .asciz "result.bin"
  .balign 16
accesses: .incbin "table.bin"
  .bss
  .balign 16
results: .space ${count * 8}
  .space 4096
stack:
`;
