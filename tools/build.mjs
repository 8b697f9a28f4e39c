// Bundles each program of the project into dist/ or `--outdir`, or those named: the command line, and the tools that npm scripts run.
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const {
  values: { outdir },
  positionals,
} = parseArgs({ allowPositionals: true, options: { outdir: { type: 'string', default: 'dist' } } });
const programs = readdirSync('tools', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`tools/${entry.name}/main.ts`))
  .map((entry) => entry.name)
  .filter((name) => positionals.length === 0 || positionals.includes(name));
const common = {
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  // Puts constants in place of their names.
  minifySyntax: true,
  sourcemap: 'linked',
  logLevel: 'warning',
};

await build({
  ...common,
  entryPoints: programs.map((name) =>
    name === 'cli' ? { in: 'tools/cli/launcher.ts', out: 'partita' } : { in: `tools/${name}/main.ts`, out: name },
  ),
  format: 'esm',
  banner: { js: '#!/usr/bin/env node' },
});
if (programs.includes('cli')) {
  // V8 keeps the code of scripts alone, not of modules; the launcher calls this one as a function.
  await build({
    ...common,
    entryPoints: [{ in: 'tools/cli/main.ts', out: 'partita' }],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // A script of one's own may not import().
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: '(function (require, module, bundleUrl) {' },
    footer: { js: '})' },
  });
  chmodSync(join(outdir, 'partita.js'), 0o755);
}
