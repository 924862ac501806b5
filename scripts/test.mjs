/**
 * `npm test [-- FILTER… --only-name PATTERN --timeout SECONDS --concurrency N]`: builds what ships, bundles test/**\/*.test.ts the
 * same way, runs them by `node --test`. FILTER: part of a file's path. The exit code is node's, or 1 when something did not build.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from './lib/dist.mjs';
import { printBuildErrors } from './lib/errors.mjs';
import { at, root } from './lib/root.mjs';
import { bundleTests, testFiles } from './lib/test-bundle.mjs';

/** Many tests wait for processes and sockets, so more files run at once than there are cores. */
const CONCURRENCY = '4';
const FILE_TIMEOUT_SECONDS = '180';
/** A test that forgets to name a home of its own must not find the user's. */
const NO_HOME = '/dev/null/each-test-names-its-own-LOOPYARD_HOME';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'only-name': { type: 'string' },
    timeout: { type: 'string', default: FILE_TIMEOUT_SECONDS },
    concurrency: { type: 'string', default: CONCURRENCY },
  },
});

process.exitCode = await main();

async function main() {
  const files = testFiles(positionals);
  if (files.length === 0) {
    console.error(`no test file's path contains ${positionals.join(' or ')}`);
    return 2;
  }
  const built = await buildProduct();
  if (built === null && positionals.length === 0) return 1;
  mkdirSync(at('build/test'), { recursive: true });
  const runFolder = mkdtempSync(at('build/test/run-'));
  try {
    const { bundled, broken } = await bundleTests(files, built?.id ?? '', runFolder);
    const code = await runNode(bundled, runFolder, built?.directory ?? at('build/dist/does-not-build'));
    await printSummary(runFolder, broken, built);
    return code === 0 && (broken.length > 0 || built === null) ? 1 : code;
  } finally {
    rmSync(runFolder, { recursive: true, force: true });
  }
}

/** Null when the product does not build: tests chosen by a filter may not need it, and still run. */
async function buildProduct() {
  try {
    return await ensureBuild();
  } catch (error) {
    await printBuildErrors(error);
    return null;
  }
}

function runNode(bundled, runFolder, dist) {
  const options = [
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${values.concurrency}`,
    `--test-timeout=${Number(values.timeout) * 1000}`,
    ...(values['only-name'] === undefined ? [] : [`--test-name-pattern=${values['only-name']}`]),
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${at('scripts/lib/summary-reporter.mjs')}`,
    `--test-reporter-destination=${summaryPath(runFolder)}`,
  ];
  if (bundled.length === 0) return 1;
  const child = spawn(process.execPath, [...options, ...bundled], {
    stdio: 'inherit',
    env: testEnvironment(dist),
    cwd: root,
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

/** The caller's own Loopyard does not reach the tests: they may run inside one. */
function testEnvironment(dist) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('LOOPYARD_'));
  return {
    ...Object.fromEntries(kept),
    LOOPYARD_HOME: NO_HOME,
    LOOPYARD_TEST_ROOT: root,
    LOOPYARD_TEST_DIST: dist,
  };
}

async function printSummary(runFolder, broken, built) {
  const { counts, skipped, timedOut, unfinished } = readSummary(runFolder);
  const source = (path) => sourceOf(path, runFolder);
  for (const { file, error } of broken) {
    console.error(`\ntest/${file} does not compile:`);
    await printBuildErrors(error);
  }
  for (const file of timedOut.map(source)) {
    const names = unfinished.filter((test) => source(test.file) === file).map(({ name }) => name);
    const doing =
      names.length === 0 ? 'no test was running: something kept it open' : `in: ${names.join(' > ')}`;
    console.error(`\n${file} was stopped after ${values.timeout} s (${doing})`);
  }
  if (skipped.length > 0) console.log('\nskipped:');
  for (const { file, name, reason } of skipped) console.log(`  ${source(file)}: ${name} (${reason})`);
  if (built === null)
    console.error('\nthe product does not build (see above): tests of it failed or did not run');
  const failed = counts.failed + broken.length;
  console.log(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
}

/** Node names a test's file by the bundle or, where it reads source maps, by the source. */
function sourceOf(path, runFolder) {
  if (!path.startsWith(runFolder)) return relative(root, path);
  return join('test', relative(runFolder, path)).replace(/\.js$/, '.ts');
}

function readSummary(runFolder) {
  try {
    return JSON.parse(readFileSync(summaryPath(runFolder), 'utf8'));
  } catch {
    // node was killed, or had nothing to run: the reporter wrote nothing.
    return { counts: { passed: 0, failed: 0, skipped: 0 }, skipped: [], timedOut: [], unfinished: [] };
  }
}

function summaryPath(runFolder) {
  return join(runFolder, 'summary.json');
}
