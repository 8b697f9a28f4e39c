/** `partita check`: what is wrong with a system's description, without running it. */
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { Networks } from '../../core/machine/networks.ts';
import { plan } from '../../core/machine/system/plan.ts';
import { hostFiles } from './files.ts';
import { checkArguments } from './options.ts';
import { printPlan } from './table.ts';
import { STATUS } from './usage.ts';

export function check(argv: readonly string[]): number {
  const { system } = checkArguments(argv);
  const tree = parseDts(system, hostFiles);
  const found = plan(tree, hostFiles);
  new Networks(tree.root);
  for (const { error, isolation } of found.findings.list) {
    process.stderr.write(`partita: ${isolation ? 'isolation: ' : ''}${error.message}\n`);
  }
  if (found.findings.list.some(({ isolation }) => !isolation)) return STATUS.usage;
  if (found.findings.list.length > 0) return STATUS.failed;
  printPlan(found);
  return STATUS.ended;
}
