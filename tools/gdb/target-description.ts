/** What gdb is told of the registers: the standard features of ARM, and two of our own for banked and system registers. Manual of gdb, appendix G. */
import { type Group, REGISTERS } from '../../core/machine/debug/register-names.ts';

const FEATURES: readonly (readonly [group: Group, name: string])[] = [
  ['core', 'org.gnu.gdb.arm.core'],
  ['vfp', 'org.gnu.gdb.arm.vfp'],
  ['banked', 'org.partita.arm.banked'],
  ['system', 'org.partita.arm.cp15'],
];
/** Its presence alone says that there are 32 doublewords for quadwords. */
const NEON = '<feature name="org.gnu.gdb.arm.neon"/>';
const TYPES: Readonly<Record<string, string>> = { sp: 'data_ptr', pc: 'code_ptr', fpscr: 'int' };

/** REGISTERS are in the order of the features, so that numbers follow from places. */
export function targetDescription(): string {
  const features = FEATURES.map(([group, name]) => {
    const rows = REGISTERS.filter((register) => register.group === group).map((register) => {
      const type = TYPES[register.name] ?? (group === 'vfp' ? 'ieee_double' : register.words === 2 ? 'uint64' : 'uint32');
      const kind = group === 'vfp' ? ' group="float"' : group === 'core' ? '' : ' group="system" save-restore="no"';
      return `<reg name="${register.name}" bitsize="${32 * register.words}" type="${type}"${kind}/>`;
    });
    return `<feature name="${name}">\n${rows.join('\n')}\n</feature>`;
  });
  return [
    '<?xml version="1.0"?>\n<!DOCTYPE target SYSTEM "gdb-target.dtd">\n<target version="1.0">\n<architecture>arm</architecture>\n<osabi>none</osabi>',
    ...features.slice(0, 2),
    NEON,
    ...features.slice(2),
    '</target>\n',
  ].join('\n');
}
