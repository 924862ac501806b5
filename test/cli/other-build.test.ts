/** A `lo` and a daemon of different builds: the daemon is replaced, services live on. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { DaemonInfo } from '../../src/core/status.ts';
import { Lab, Live } from '../support/lab.ts';
import { dist } from '../support/paths.ts';
import { HTTP_SERVER } from '../support/programs.ts';

test('each build replaces the daemon of the other at its first command, and the service goes on', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach']);
  const before = await lab.service('api');
  const other = otherBuild(t);
  for (let round = 0; round < 4; round += 1) {
    const theirs = await runOther(lab, other, ['daemon', 'status', '--json'], ['ps', '--json']);
    assert.equal(theirs.build, 'another-build');
    // Several at once meet the same old daemon.
    await Promise.all([lab.must(['ps']), lab.must(['ls']), lab.must(['ps'])]);
    assert.notEqual(await lab.daemonPid(), theirs.pid);
  }
  const after = await lab.service('api');
  assert.deepEqual([after.pid, after.state, after.run], [before.pid, 'ready', before.run]);
});

/** Runs `first` after `wake`, which needs a daemon, and gives what `first` prints. */
async function runOther(
  lab: Lab,
  folder: string,
  first: readonly string[],
  wake: readonly string[],
): Promise<DaemonInfo> {
  const run = async (args: readonly string[]): Promise<string> => {
    const child = spawn(process.execPath, [join(folder, 'lo.js'), ...args], {
      cwd: lab.directory,
      env: lab.variables(),
    });
    const { code, stdout, stderr } = await new Live(child).finished;
    assert.equal(code, 0, stderr);
    return stdout;
  };
  await run(wake);
  return JSON.parse(await run(first)) as DaemonInfo;
}

/** The build under test under another name. */
function otherBuild(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'other-build-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(dist, folder, { recursive: true });
  const { build } = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8')) as { readonly build: string };
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  )) {
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(JSON.stringify(build), '"another-build"'));
  }
  return folder;
}
