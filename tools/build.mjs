// Bundles each program of the project into dist/, or those named: the command line, and the tools that npm scripts run.
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { build } from 'esbuild';

const programs = readdirSync('tools', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`tools/${entry.name}/main.ts`))
  .map((entry) => entry.name)
  .filter((name) => process.argv.length === 2 || process.argv.includes(name));

await build({
  entryPoints: programs.map((name) => ({ in: `tools/${name}/main.ts`, out: name === 'cli' ? 'partita' : name })),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  // Puts constants in place of their names.
  minifySyntax: true,
  sourcemap: 'linked',
  banner: { js: '#!/usr/bin/env node' },
  logLevel: 'warning',
});
if (programs.includes('cli')) chmodSync('dist/partita.js', 0o755);
