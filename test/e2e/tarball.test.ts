/** The packed tarball, installed in an empty folder by npm, does its job: init, up, ps, down. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';
import { dist, root } from '../support/paths.ts';
import { HTTP_SERVER } from '../support/programs.ts';

const exec = promisify(execFile);

test('npm pack gives one tarball without dependencies that runs lo init, up, ps, down', {
  timeout: 120_000,
}, async (t) => {
  const lab = Lab.create(t);
  const cache = join(lab.directory, '../cache');
  const packed = join(lab.directory, '../packed');
  const installed = join(lab.directory, '../installed');
  const source = join(lab.directory, '../source');
  for (const path of [packed, installed, source]) mkdirSync(path);
  // The build under test, with the texts that are packed beside it.
  const texts = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
  for (const name of texts) cpSync(join(root, name), join(source, name));
  cpSync(dist, join(source, 'dist'), { recursive: true });
  await exec('npm', ['pack', '--ignore-scripts', '--cache', cache, '--pack-destination', packed], {
    cwd: source,
  });
  const [tarball = ''] = readdirSync(packed);
  assert.match(tarball, /^loopyard-.*\.tgz$/);
  await exec(
    'npm',
    ['install', '--offline', '--cache', cache, '--prefix', installed, join(packed, tarball)],
    {
      cwd: installed,
    },
  );
  const modules = join(installed, 'node_modules');
  assert.deepEqual(
    readdirSync(modules).filter((name) => !name.startsWith('.')),
    ['loopyard'],
  );
  const manifest = JSON.parse(readFileSync(join(modules, 'loopyard/package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  assert.equal(manifest.dependencies, undefined);

  lab.write('server.mjs', HTTP_SERVER);
  lab.write(
    'package.json',
    JSON.stringify({ name: 'my-app', scripts: { start: 'node server.mjs' }, dependencies: { express: '5' } }),
  );
  const lo = async (...args: string[]): Promise<string> => {
    const bin = join(modules, '.bin', args.length > 1 ? 'lo' : 'loopyard');
    const { stdout } = await exec(bin, args, { cwd: lab.directory, env: lab.variables() });
    return stdout;
  };
  await lo('init');
  assert.match(
    readFileSync(join(lab.directory, 'loopyard.yaml'), 'utf8'),
    /run: npm run (--silent )?start|npm start/,
  );
  await lo('up', '--detach');
  const status = JSON.parse(await lo('ps', '--json')) as EnvironmentStatus;
  assert.deepEqual(
    status.services.map((service) => service.state === 'ready' || service.state === 'running'),
    [true],
  );
  await lo('down');
  const after = JSON.parse(await lo('ps', '--json')) as EnvironmentStatus;
  assert.equal(after.services[0]?.state, 'stopped');
  await lo('daemon', 'stop', '--all');
});
