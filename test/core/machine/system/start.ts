/** Starts a system from a description; in a module of its own so that tests can run it bundled, at full speed. */
import { parseDts } from '../../../../core/machine/devicetree/dts-parser.ts';
import type { Files } from '../../../../core/machine/devicetree/dts-preprocessor.ts';
import { type System, startSystem } from '../../../../core/machine/system/system.ts';

export const start = (path: string, files: Files): System => startSystem(parseDts(path, files), files);
