/** The recorded output in the guide is what `lo why` prints today; only pid and user differ. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAUSES } from '../../src/inspector/causes/all.ts';
import { Lab } from '../support/lab.ts';
import { root } from '../support/paths.ts';
import { OwnMachine } from './own-machine.ts';

const GUIDE = join(root, 'docs/guide/what-is-on-port-3000.md');
const SERVER = "require('http').createServer().listen(3000, '127.0.0.1', () => console.log('up'));\n";

test('the recorded session of the guide', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  lab.write('server.js', SERVER);
  lab.write('package.json', JSON.stringify({ name: 'shop', scripts: { dev: 'exec node server.js' } }));
  // The shop is in the home of whoever runs it.
  const HOME = join(lab.directory, '..');
  await machine.launch('env', '-C', lab.directory, `HOME=${HOME}`, 'npm', 'run', '--silent', 'dev');
  const { stdout } = await lab.lo(['why', '3000'], { ...machine, env: { HOME } });
  const [, pid = ''] = /\(pid (\d+)\)/.exec(stdout) ?? [];
  const [, recorded = ''] =
    /<!-- recorded: .*\n```console\n\$ lo why 3000\n([\s\S]*?)```/.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  assert.deepEqual(normal(stdout, pid), normal(recorded, '4711'));
});

/** A pid with more digits moves the ends of the lines below the tables. */
function normal(text: string, pid: string): readonly string[] {
  const [head = '', ...causes] = text.trimEnd().split('\n\nHELD');
  const rest = causes.map((cause) => cause.replace(/\s+/g, ' ').replace(/ as \w+,/, ' as USER,'));
  return [...head.split('\n'), ...rest].map((line) => line.replaceAll(`pid ${pid}`, 'pid PID'));
}

test('every cause that the guide names exists', () => {
  const named = readFileSync(GUIDE, 'utf8').matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g);
  const codes = new Set([...CAUSES.map(({ code }) => code), 'SO_REUSEADDR']);
  const unknown = [...named].map(([, code = '']) => code).filter((code) => !codes.has(code));
  assert.deepEqual(unknown, []);
});
