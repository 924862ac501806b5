/**
 * Loaded into each test file's process: says in the run's folder which process runs which file, as long as it runs. The watch over
 * it stands in another process (`test-watch.mjs`), which a busy loop here cannot stop. It must not know limits.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.TEST_RUN_FOLDER;
const file = process.argv[1];

if (folder !== undefined && file?.startsWith(folder) === true) {
  const note = join(folder, 'running', String(process.pid));
  mkdirSync(join(folder, 'running'), { recursive: true });
  writeFileSync(note, file);
  process.on('exit', () => rmSync(note, { force: true }));
}
