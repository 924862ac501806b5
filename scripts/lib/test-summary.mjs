/** Prints the end of a test run: what does not compile, what took too long, what was left behind, what was skipped, the counts. */

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { printBuildErrors } from './errors.mjs';
import { root } from './root.mjs';

/** False when something is wrong that node's exit code does not say. */
export async function printSummary(
  runFolder,
  { broken, productBuilt, killed, limitSeconds, processes, files },
) {
  const { passed, failed, skipped, unfinished } = readSummary(runFolder);
  const source = (path) => sourceOf(path, runFolder);
  await printBroken(broken);
  for (const file of killed.map(source)) {
    const names = unfinished.filter((test) => source(test.file) === file).map(({ name }) => name);
    console.error(`\n${file} was stopped after ${limitSeconds} s (${doing(names)})`);
  }
  for (const { pid, command } of processes) console.error(`\na test left process ${pid} behind: ${command}`);
  for (const file of files) console.error(`\na test left a temporary file behind: ${file}`);
  if (skipped.length > 0) console.log('\nskipped:');
  for (const { file, name, reason } of skipped) console.log(`  ${source(file)}: ${name} (${reason})`);
  if (!productBuilt)
    console.error('\nthe product does not build (see above): tests of it failed or did not run');
  const faults = broken.length + processes.length + files.length;
  console.log(`\n${passed} passed, ${failed + faults} failed, ${skipped.length} skipped`);
  return faults === 0 && productBuilt;
}

async function printBroken(broken) {
  for (const { file, error } of broken) {
    console.error(`\ntest/${file} does not compile:`);
    await printBuildErrors(error);
  }
}

function doing(names) {
  const tests = names.filter((name) => !name.endsWith('.js'));
  return tests.length === 0 ? 'no test was running: something kept it open' : `in: ${tests.join(' > ')}`;
}

/** Node names a test's file by the bundle or, where it reads source maps, by the source. */
function sourceOf(path, runFolder) {
  if (!path.startsWith(runFolder)) return relative(root, path);
  return join('test', relative(runFolder, path)).replace(/\.js$/, '.ts');
}

function readSummary(runFolder) {
  try {
    return JSON.parse(readFileSync(join(runFolder, 'summary.json'), 'utf8'));
  } catch {
    // node was killed, or had nothing to run: the reporter wrote nothing.
    return { passed: 0, failed: 0, skipped: [], unfinished: [] };
  }
}
