import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeDtb } from '../../../../core/machine/devicetree/dtb-writer.ts';
import { parseDts } from '../../../../core/machine/devicetree/dts-parser.ts';
import { writeDts } from '../../../../core/machine/devicetree/dts-writer.ts';
import { have } from '../../../support/oracles.ts';
import { disk, dtc, parse, parseFiles, SOURCES } from './sources.ts';

const names = readdirSync(SOURCES).filter((name) => name.endsWith('.dts'));

describe('a tree shown as source', () => {
  it('is indented, with strings, cells and bytes as they look', () => {
    const tree = parse('/memreserve/ 1 0x20; / { e; s = "a\\"b", "c"; c = <0 0xab>; b = [00 01 02]; n@1 { x; }; };');
    expect(writeDts(tree)).toBe(
      '/dts-v1/;\n/memreserve/ 0x1 0x20;\n\n/ {\n\te;\n\ts = "a\\"b", "c";\n\tc = <0x0 0xab>;\n\tb = [00 01 02];\n\n\tn@1 {\n\t\tx;\n\t};\n};\n',
    );
  });

  it.skipIf(!have('dtc')).each(names)('is read back as the same tree, by dtc too: %s', (name) => {
    const tree = parseDts(`${SOURCES}/${name}`, disk(`${SOURCES}/include`));
    const source = Buffer.from(writeDts(tree), 'latin1');
    const bytes = Buffer.from(writeDtb(tree));
    // The boot processor is no part of a source: it is guessed from /cpus.
    const again = parseFiles({ 'test.dts': source });
    again.bootCpu = tree.bootCpu;
    expect(Buffer.from(writeDtb(again))).toEqual(bytes);
    const theirs = dtc('dts', source);
    theirs.writeUInt32BE(tree.bootCpu, 28);
    expect(theirs).toEqual(bytes);
  });
});
