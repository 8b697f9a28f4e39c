/** Programs outside the project that tests are held against. CI has them all; elsewhere a test that lacks one is reported as skipped. */
import { spawnSync } from 'node:child_process';

export type Oracle =
  | 'dtc'
  | 'protoc'
  | 'genhtml'
  | 'qemu-system-arm'
  | 'qemu-arm'
  | 'qemu-img'
  | 'qemu-io'
  | 'arm-none-eabi-gcc'
  | 'arm-none-eabi-objdump'
  | 'arm-none-eabi-as'
  | 'gcc'
  | 'gdb-multiarch'
  | 'cpio'
  | 'time'
  | 'mkfifo'
  | 'chromium';

/** Whether all the programs are installed. Under CI a missing one is an error, so that nothing is passed over there. */
export function have(...programs: readonly Oracle[]): boolean {
  const missing = programs.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined);
  if (missing.length > 0 && process.env['CI'] !== undefined) throw new Error(`CI lacks ${missing.join(', ')}`);
  return missing.length === 0;
}
