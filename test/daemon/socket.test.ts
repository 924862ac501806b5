/** The control socket on a real file system: its mode, its return when it is deleted, whose it must be. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { homePaths } from '../../src/core/paths.ts';
import { serveSocket } from '../../src/daemon/socket.ts';

interface Rig {
  readonly home: ReturnType<typeof homePaths>;
  readonly servers: Server[];
  /** Resolves when the next server listens. */
  listening(): Promise<unknown>;
  makeServer(): Server;
}

function rig(t: TestContext): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'ls-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const home = homePaths(
    { variables: { LOOPYARD_HOME: join(directory, 'h') }, homedir: '/' },
    () => directory,
  );
  const servers: Server[] = [];
  let tell: (() => void) | undefined;
  const makeServer = (): Server => {
    const server = createServer((_, response) => response.end('ok'));
    servers.push(server);
    server.on('listening', () => tell?.());
    return server;
  };
  const listening = (): Promise<void> =>
    new Promise((resolve) => {
      tell = resolve;
    });
  return { home, servers, listening, makeServer };
}

const fail = (error: unknown): never => {
  throw error;
};

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Refused or not there: the answer is no.
    return false;
  } finally {
    socket.destroy();
  }
}

test('socket 0600, directory 0700 whatever the umask, and a note of the path', async (t) => {
  const { home, makeServer } = rig(t);
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const served = await serveSocket(home, makeServer, fail);
  assert.equal(lstatSync(home.socket).mode & 0o777, 0o600);
  assert.equal(lstatSync(home.runtime).mode & 0o777, 0o700);
  assert.equal(lstatSync(home.socketNote).mode & 0o777, 0o600);
  assert.equal(readFileSync(home.socketNote, 'utf8'), home.socket);
  assert.ok(await answers(home.socket));
  await served.close();
  assert.ok(!(await answers(home.socket)));
});

test('a directory that was open to others is closed to them', async (t) => {
  const { home, makeServer } = rig(t);
  mkdirSync(home.runtime, { mode: 0o777 });
  const served = await serveSocket(home, makeServer, fail);
  assert.equal(lstatSync(home.runtime).mode & 0o777, 0o700);
  await served.close();
});

test('a stale socket is replaced', async (t) => {
  const { home, makeServer } = rig(t);
  mkdirSync(home.runtime);
  const stale = createPlainServer();
  await new Promise<void>((resolve) => stale.listen(`${home.socket}.x`, resolve));
  renameSync(`${home.socket}.x`, home.socket);
  stale.close();
  const served = await serveSocket(home, makeServer, fail);
  assert.ok(await answers(home.socket));
  await served.close();
});

for (const what of ['socket', 'runtime'] as const) {
  test(`a deleted ${what} is made again, and streams of the old one go on`, {
    timeout: 20_000,
  }, async (t) => {
    const { home, servers, listening, makeServer } = rig(t);
    const served = await serveSocket(home, makeServer, fail);
    const old = connect(home.socket);
    await once(old, 'connect');
    for (let count = 2; count <= 3; count += 1) {
      const again = listening();
      rmSync(home[what], { recursive: true });
      await again;
      assert.equal(servers.length, count);
      // The rename follows the listening in the same turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(await answers(home.socket));
    old.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [answer] = await once(old, 'data');
    assert.match(String(answer), /200 OK/);
    old.destroy();
    await served.close();
  });
}

test('a directory that goes while the socket is made again is no end', { timeout: 20_000 }, async (t) => {
  const { home, servers, listening, makeServer } = rig(t);
  const reports: unknown[] = [];
  const served = await serveSocket(home, makeServer, (error) => reports.push(error));
  const second = listening();
  rmSync(home.runtime, { recursive: true });
  await second;
  const third = listening();
  rmSync(home.runtime, { recursive: true });
  await third;
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(await answers(home.socket));
  assert.equal(reports.length, 1);
  assert.deepEqual(
    servers.map((server) => server.listening),
    [false, false, true],
  );
  await served.close();
});

test('a directory for the socket alone goes with it, one with something else in it stays', async (t) => {
  const { home, makeServer } = rig(t);
  const short = { ...home, runtime: `${home.home}-short`, socket: `${home.home}-short/daemon.sock` };
  await (await serveSocket(short, makeServer, fail)).close();
  assert.ok(!existsSync(short.runtime));
  const served = await serveSocket(short, makeServer, fail);
  writeFileSync(join(short.runtime, 'other'), '');
  await served.close();
  assert.deepEqual(readdirSync(short.runtime), ['other']);
});

test('closing leaves the socket of another daemon alone', async (t) => {
  const { home, makeServer } = rig(t);
  const served = await serveSocket(home, makeServer, fail);
  const other = createPlainServer();
  await new Promise<void>((resolve) => other.listen(`${home.runtime}/other`, resolve));
  t.after(() => other.close());
  renameSync(`${home.runtime}/other`, home.socket);
  await served.close();
  assert.ok(await answers(home.socket));
});
