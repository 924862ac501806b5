/** `node scripts/typecheck.mjs`: every TypeScript project of the house, one after the other. Fails when one does. */

import { spawnSync } from 'node:child_process';
import { at, root } from './lib/root.mjs';

/** `src/core` once more without Node's types: it must compile for a browser too. */
const PROJECTS = ['.', 'src/core'];

for (const project of PROJECTS) {
  const { status } = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', project], {
    cwd: root,
    stdio: 'inherit',
  });
  console.log(`typecheck ${project}: ${status === 0 ? 'ok' : 'failed'}`);
  if (status !== 0) process.exitCode = 1;
}
