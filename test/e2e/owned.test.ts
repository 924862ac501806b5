/** `lo test` and `lo run`: the command's own code, and nothing left whatever happens to the owner. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';
import { until } from '../support/until.ts';

const CONFIG = 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n';

function shop(lab: Lab, config = CONFIG): void {
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', config);
}

test('lo test brings everything up, runs the command with the addresses, passes its code and tears down', async (t) => {
  const lab = Lab.create(t);
  shop(lab);
  lab.write(
    'probe.mjs',
    "import { get } from 'node:http';\nget(process.env.API_URL, (r) => { console.log('status', r.statusCode); process.exit(r.statusCode === 200 ? 42 : 1); });\n",
  );
  const result = await lab.lo(['test', '--junit', 'report.xml', '--', 'node', 'probe.mjs']);
  assert.equal(result.code, 42, result.stderr);
  assert.match(result.stdout, /status 200/);
  const junit = readFileSync(join(lab.directory, 'report.xml'), 'utf8');
  assert.match(junit, /<testcase[^>]*api/);
  assert.match(junit, /<failure/);
  assert.deepEqual(lab.processes().filter(isService), []);
});

test('lo test: 125 when the services do not get ready, 127 when the command is missing', async (t) => {
  const lab = Lab.create(t);
  shop(lab, 'name: shop\nservices:\n  api: { run: "sh -c \\"echo broken; exit 1\\"", restart: never }\n');
  const failed = await lab.lo(['test', '--', 'true']);
  assert.equal(failed.code, 125, failed.stderr);
  assert.match(failed.stdout + failed.stderr, /broken/);
  shop(lab);
  assert.equal((await lab.lo(['test', '--', 'no-such-command-anywhere'])).code, 127);
});

test('lo test killed: all that it started is gone within 100 ms, the daemon alive or not', async (t) => {
  const lab = Lab.create(t);
  shop(
    lab,
    `${CONFIG}  stubborn: { run: "sh -c \\"trap '' TERM INT HUP; (setsid sleep 1000 &) ; echo up; while :; do sleep 1; done\\"", ready: { log: up } }\n`,
  );
  for (const withDaemon of [false, true]) {
    const owner = lab.start(['test', '--', 'sh', '-c', 'echo going; sleep 1000']);
    await owner.says(/going/);
    const started = lab.processes().filter(isService);
    assert.ok(started.length >= 3, `${started.length} processes`);
    if (withDaemon) process.kill((await lab.daemonPid()) ?? 0, 'SIGKILL');
    const from = performance.now();
    owner.signal('SIGKILL');
    await until(() => started.every((pid) => !existsAlive(pid)));
    const took = performance.now() - from;
    assert.ok(took < 500, `took ${took} ms`);
    t.diagnostic(`gone after ${took.toFixed(0)} ms${withDaemon ? ' without a daemon' : ''}`);
    await owner.finished;
  }
});

test('lo run needs no file, says where it listens, passes the code and leaves nothing', async (t) => {
  const lab = Lab.create(t);
  assert.equal((await lab.lo(['run', '--', 'sh', '-c', 'echo hello from run; exit 5'])).code, 5);
  lab.write('server.mjs', HTTP_SERVER);
  const live = lab.start(['run', '--port', '3000', '--', 'node', 'server.mjs']);
  await live.says(/127\.\d+\.\d+\.\d+:3000/);
  live.signal('SIGINT');
  const { code } = await live.finished;
  assert.equal(code, 130);
  assert.deepEqual(lab.processes().filter(isService), []);
  assert.deepEqual((await lab.json<{ environments: unknown[] }>(['ls'])).environments, []);
});

test('lo run killed: a command leaves no trace, a recipe keeps its data', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('page.html', 'x');
  const ids = async (): Promise<string[]> => {
    const { environments } = await lab.json<{ environments: { project: string }[] }>(['ls']);
    return environments.map((environment) => environment.project);
  };
  for (const [args, left] of [
    [['run', '--port', '3000', '--', 'node', 'server.mjs'], []],
    [['run', '--use', 'static', '--with', 'root=.'], ['static']],
  ] as const) {
    const live = lab.start(args);
    await live.says(/listens on/);
    live.signal('SIGKILL');
    await live.finished;
    await until(
      async () => (await ids()).join() === left.join() && lab.processes().filter(isService).length === 0,
    );
  }
});

test('lo exec and lo env give a command what the service has', async (t) => {
  const lab = Lab.create(t);
  shop(lab, `${CONFIG}  web: { run: node server.mjs, port: 8080, needs: [api] }\n`);
  await lab.must(['up', '--detach']);
  const host = (await lab.service('api')).endpoints[0]?.address;
  const result = await lab.lo(['exec', 'web', '--', 'sh', '-c', 'echo "$API_HOST $PORT"; exit 6']);
  assert.deepEqual([result.code, result.stdout.trim()], [6, `${host} 8080`]);
  const env = await lab.json<{ variables: Record<string, string> }>(['env', 'web']);
  assert.deepEqual(
    [env.variables.API_HOST, env.variables.API_PORT, env.variables.PORT],
    [host, '3000', '8080'],
  );
});

/** Not the daemon, and not the command itself. */
function isService(pid: number): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return !/daemon\.js|lo\.js|guardian/.test(command);
  } catch {
    return false;
  }
}

function existsAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return existsSync(`/proc/${pid}`);
  }
}
