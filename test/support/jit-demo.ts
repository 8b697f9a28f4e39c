/** The demo system with either engine, for tests that compare them. */
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { type System, startSystem } from '../../core/machine/system/system.ts';
import { hostFiles } from '../../tools/cli/files.ts';
import { Wasm } from '../../tools/host/wasm.ts';

export const startOn = (engine: 'interpreter' | 'jit', system = 'boards/vexpress-a15/demo.dts'): System =>
  startSystem(parseDts(system, hostFiles), hostFiles, engine === 'jit' ? { wasm: new Wasm() } : {});
