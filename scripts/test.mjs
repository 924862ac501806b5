/**
 * `npm test [-- FILTER… --only-name PATTERN --timeout SECONDS --concurrency N]`: builds what ships, bundles test/**\/*.test.ts the
 * same way, runs them by `node --test`. FILTER: part of a file's path. The exit code is node's, or 1 when something did not build,
 * or a test left a process or a file behind.
 */

import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from './lib/dist.mjs';
import { printBuildErrors } from './lib/errors.mjs';
import { at, root } from './lib/root.mjs';
import { bundleTests, testFiles } from './lib/test-bundle.mjs';
import { printSummary } from './lib/test-summary.mjs';
import { sweepProcesses, watchFiles } from './lib/test-watch.mjs';

/** Many tests wait for processes and sockets, so more files run at once than there are cores. */
const CONCURRENCY = '4';
const FILE_LIMIT_SECONDS = '240';
/** A test that forgets to name a home of its own must not find the user's. */
const NO_HOME = '/dev/null/each-test-names-its-own-LOOPYARD_HOME';
/** Inherited by whatever a test starts. Not `LOOPYARD_…`: those are taken out of a daemon's environment. */
const MARK = 'TEST_RUN_FOLDER';
/** npm puts its own compiled code there on Node 22 and newer: not a test's file. */
const NPM_CACHE = 'node-compile-cache';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'only-name': { type: 'string' },
    timeout: { type: 'string', default: FILE_LIMIT_SECONDS },
    concurrency: { type: 'string', default: CONCURRENCY },
  },
});

// Ctrl-C reaches node and the tests too; what they leave is still to be swept up.
process.on('SIGINT', () => 'wait for node to end');

process.exitCode = await main();

async function main() {
  const files = testFiles(positionals);
  if (files.length === 0) {
    console.error(`no test file's path contains ${positionals.join(' or ')}`);
    return 2;
  }
  const product = await buildProduct();
  if (product === null && positionals.length === 0) return 1;
  mkdirSync(at('build/test'), { recursive: true });
  const runFolder = mkdtempSync(at('build/test/run-'));
  const temporary = temporaryFolder();
  const open = openCopies(product?.directory);
  try {
    return await runIn(runFolder, temporary, files, { ...product, open });
  } finally {
    rmSync(runFolder, { recursive: true, force: true });
    rmSync(open, { recursive: true, force: true });
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function runIn(runFolder, temporary, files, product) {
  const { bundled, broken } = await bundleTests(files, product.id ?? '', runFolder);
  const watch = watchFiles(runFolder, Number(values.timeout) * 1000);
  const variables = testEnvironment(product.open, runFolder, temporary);
  const code = bundled.length === 0 ? 1 : await runNode(bundled, runFolder, variables);
  const outcome = {
    broken,
    productBuilt: product.id !== undefined,
    killed: watch.stop(),
    limitSeconds: values.timeout,
    processes: sweepProcesses(MARK, runFolder),
    files: readdirSync(temporary).filter((name) => name !== NPM_CACHE),
  };
  const good = await printSummary(runFolder, outcome);
  return code === 0 && !good ? 1 : code;
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

/** Open for other users to walk through, as /tmp is: some programs that tests start refuse to run as root. */
function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'lo-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** What programs of other users read: a checkout may lie where only its owner can walk. */
function openCopies(dist) {
  const folder = mkdtempSync(join(tmpdir(), 'lo-open-'));
  if (dist !== undefined) cpSync(dist, join(folder, 'dist'), { recursive: true });
  cpSync(at('test/fixtures'), join(folder, 'fixtures'), { recursive: true });
  makeReadable(folder);
  return folder;
}

function makeReadable(path) {
  const { mode } = statSync(path);
  if ((mode & 0o40000) === 0) {
    chmodSync(path, mode | 0o444 | ((mode & 0o100) === 0 ? 0 : 0o111));
    return;
  }
  chmodSync(path, mode | 0o555);
  for (const name of readdirSync(path)) makeReadable(join(path, name));
}

function runNode(bundled, runFolder, env) {
  const options = [
    '--enable-source-maps',
    `--import=${at('scripts/lib/test-process.mjs')}`,
    '--test',
    `--test-concurrency=${values.concurrency}`,
    ...(values['only-name'] === undefined ? [] : [`--test-name-pattern=${values['only-name']}`]),
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${at('scripts/lib/summary-reporter.mjs')}`,
    `--test-reporter-destination=${join(runFolder, 'summary.json')}`,
  ];
  const child = spawn(process.execPath, [...options, ...bundled], { stdio: 'inherit', env, cwd: root });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

/** The caller's own Loopyard does not reach the tests: they may run inside one. */
function testEnvironment(open, runFolder, temporary) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('LOOPYARD_'));
  return {
    ...Object.fromEntries(kept),
    LOOPYARD_HOME: NO_HOME,
    LOOPYARD_TEST_ROOT: root,
    LOOPYARD_TEST_DIST: join(open, 'dist'),
    LOOPYARD_TEST_FIXTURES: join(open, 'fixtures'),
    TMPDIR: temporary,
    [MARK]: runFolder,
  };
}
