/** Mistakes and hard circumstances: each a clear error or plain survival. */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';

const one = (service: string): string => `name: shop\nservices:\n  api: ${service}\n`;

const MISTAKES: readonly {
  readonly what: string;
  readonly yaml: string;
  readonly code: number;
  readonly says: readonly RegExp[];
}[] = [
  {
    what: 'broken YAML',
    yaml: 'name: shop\nservices:\n\tapi: {}\n',
    code: 2,
    says: [/loopyard\.yaml:\d+:\d+/, /\^/, /hint:/],
  },
  {
    what: 'an unknown key',
    yaml: one('{ run: sleep 1, prot: 3000 }'),
    code: 2,
    says: [/prot/, /did you mean `?port/],
  },
  { what: "Compose's words", yaml: one('{ command: sleep 1 }'), code: 2, says: [/command/, /run/] },
  { what: 'a wrong type', yaml: one('{ run: sleep 1, port: banana }'), code: 2, says: [/port/, /banana/] },
  {
    what: 'a cycle',
    yaml: 'name: shop\nservices:\n  a: { run: sleep 1, needs: [b] }\n  b: { run: sleep 1, needs: [a] }\n',
    code: 2,
    says: [/a.*b.*a/],
  },
  { what: 'a dangling need', yaml: one('{ run: sleep 1, needs: [bd] }'), code: 2, says: [/bd/] },
  {
    what: 'a port twice in one service',
    yaml: one('{ run: sleep 1, port: { http: 3000, metrics: 3000 } }'),
    code: 2,
    says: [/3000/],
  },
  {
    what: 'a missing command',
    yaml: one('{ run: no-such-program-here --x }'),
    code: 1,
    says: [/no-such-program-here/, /not found/],
  },
  {
    what: 'an unreadable cwd',
    yaml: one('{ run: sleep 1, cwd: nowhere }'),
    code: 1,
    says: [/nowhere/, /cannot enter/],
  },
  {
    what: 'a missing env-file',
    yaml: one('{ run: sleep 1, env-file: .env.none }'),
    code: 1,
    says: [/\.env\.none/],
  },
  {
    what: 'an unset variable',
    yaml: one('{ run: sleep 1, env: { A: "${env.NOT_SET_ANYWHERE}" } }'),
    code: 1,
    says: [/NOT_SET_ANYWHERE/],
  },
  { what: 'an unknown recipe', yaml: one('{ use: postgrse }'), code: 2, says: [/postgrse/, /postgres/] },
];

for (const { what, yaml, code, says } of MISTAKES) {
  test(`${what} is a clear error`, async (t) => {
    const lab = Lab.create(t);
    lab.write('loopyard.yaml', yaml);
    const result = await lab.lo(['up', '--detach']);
    const text = result.stdout + result.stderr;
    assert.equal(result.code, code, text);
    for (const pattern of says) assert.match(text, pattern);
    assert.doesNotMatch(text, /at .*\.js:\d+/, 'a stack trace');
  });
}

test('no config and no terminal: an error that names `lo init`', async (t) => {
  const lab = Lab.create(t);
  const result = await lab.lo(['up']);
  assert.equal(result.code, 2);
  assert.match(result.stderr, /CONFIG_NOT_FOUND/);
  assert.match(result.stderr, /lo init/);
});

test('a checkout path with spaces, other letters and 200 characters', async (t) => {
  const lab = Lab.create(t);
  const deep = `../wörk tree ☂ 'x' "y"/${'long-'.repeat(36)}`;
  lab.write(`${deep}/server.mjs`, HTTP_SERVER);
  lab.write(`${deep}/loopyard.yaml`, 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  const cwd = join(lab.directory, deep);
  assert.ok(cwd.length > 200);
  await lab.must(['up', '--detach'], 0, { cwd });
  const api = await lab.service('api', { cwd });
  assert.deepEqual([api.state, api.warnings], ['ready', []]);
});

test('a state directory whose socket path is too long for the system', async (t) => {
  const lab = Lab.create(t);
  const home = join(lab.home, 'h'.repeat(120));
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  const env = { LOOPYARD_HOME: home };
  await lab.must(['up', '--detach'], 0, { env });
  assert.equal((await lab.service('api', { env })).state, 'ready');
  await lab.must(['daemon', 'stop', '--all'], 0, { env });
});

test('a state directory that is a file, or cannot be made, is said', async (t) => {
  const lab = Lab.create(t);
  const file = lab.write('../not-a-directory', 'x');
  const result = await lab.lo(['ls'], { env: { LOOPYARD_HOME: join(file, 'home') } });
  assert.equal(result.code, 3);
  assert.match(result.stderr, /STATE_UNWRITABLE/);
  assert.match(result.stderr, /LOOPYARD_HOME/);
});

test('an unknown service and an unknown command are met with a suggestion', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', one('{ run: sleep 1000 }'));
  await lab.must(['up', '--detach']);
  const service = await lab.lo(['restart', 'apo']);
  assert.deepEqual([service.code, /did you mean `api`/.test(service.stderr)], [2, true], service.stderr);
  const command = await lab.lo(['restrat']);
  assert.deepEqual([command.code, /restart/.test(command.stderr)], [2, true], command.stderr);
});

test('a service that crash-loops is given up with the reason, and its siblings stay up', async (t) => {
  const lab = Lab.create(t);
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  bad: { run: "sh -c \\"exit 9\\"", restart: { policy: on-failure, backoff: 10ms, max: 3 } }\n  good: { run: sleep 1000 }\n',
  );
  const result = await lab.lo(['up', '--detach']);
  assert.equal(result.code, 1);
  assert.match((await lab.service('bad')).reason ?? '', /exited with code 9, 4 times in a row/);
  assert.equal((await lab.service('bad')).restarts, 3);
  assert.equal((await lab.service('good')).state, 'running');
});

test('binary garbage in a log reaches the reader as text, and the stream goes on', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', one('{ run: "head -c 200000 /dev/urandom; echo; echo the end", task: true }'));
  await lab.must(['up', '--detach']);
  const lines = (await lab.must(['logs', '--tail', 'all', '--json'])).trim().split('\n');
  const last = JSON.parse(lines.at(-1) ?? '{}') as { text: string };
  assert.equal(last.text, 'the end');
});

test('what is in the project directory is left alone', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', one('{ run: sleep 1000 }'));
  mkdirSync(join(lab.directory, 'locked'));
  writeFileSync(join(lab.directory, 'keep'), 'x');
  chmodSync(join(lab.directory, 'locked'), 0o500);
  await lab.must(['up', '--detach']);
  await lab.must(['down', '--forget', '--yes']);
  assert.deepEqual(readdirSync(lab.directory).sort(), ['keep', 'locked', 'loopyard.yaml']);
  assert.deepEqual(readdirSync(join(lab.home, 'environments')), []);
});
