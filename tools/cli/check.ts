/** `partita check`: what is wrong with a system's description, without running it. */
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { plan } from '../../core/machine/system/plan.ts';
import { hostFiles } from './files.ts';
import { checkArguments } from './options.ts';
import { printPlan } from './table.ts';
import { STATUS } from './usage.ts';

export function check(argv: readonly string[]): number {
  const { system } = checkArguments(argv);
  const found = plan(parseDts(system, hostFiles), hostFiles);
  for (const { error, isolation } of found.findings.list) {
    process.stderr.write(`partita: ${isolation ? 'isolation: ' : ''}${error.message}\n`);
  }
  if (found.findings.list.some(({ isolation }) => !isolation)) return STATUS.usage;
  if (found.findings.list.length > 0) return STATUS.failed;
  printPlan(found);
  return STATUS.ended;
}
