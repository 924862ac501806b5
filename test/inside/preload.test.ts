/** The Node preload inside real programs: which listen() calls it sends to the leased address, and that it leaves all others alone. */

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { NODES, PreloadRig } from './preload-rig.ts';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** `place(args)`: where a server listens that was told so. Hosts of other families than the machine has are told by the error. */
const PLACE = `
const net = require('node:net');
const place = (args, server = net.createServer()) => new Promise((resolve) => {
  server.once('error', (error) => resolve({ error: error.code, address: error.address, port: error.port }));
  server.once('listening', () => { const where = server.address(); server.close(() => resolve(where)); });
  server.listen(...args);
});
const print = (value) => console.log(JSON.stringify(value));
`;

for (const node of NODES) {
  const version = node === process.execPath ? 'this Node' : node;

  test(`calls for every address or localhost go to the leased address (${version})`, async (t) => {
    const rig = new PreloadRig(t);
    const result = await rig.run(
      `${PLACE}
      const hosts = [undefined, null, '', '0', '0.0.0.0', '::', '::0', 'localhost', 'LOCALHOST', '127.0.0.1', '::1',
        '::ffff:127.0.0.1', '0:0:0:0:0:0:0:0', '0000:0000:0000:0000:0000:0000:0000:0000', '0:0:0:0:0:0:0:1', '0::',
        '::0:0001', ${JSON.stringify(rig.address)}];
      (async () => {
        const found = {};
        for (const host of hosts) {
          found['args ' + host] = await place([3000, host]);
          found['options ' + host] = await place([{ port: 3000, host }]);
          found['backlog ' + host] = await place([3000, host, 10]);
        }
        found.port = await place([3000]);
        found.text = await place(['3000']);
        found.textOption = await place([{ port: '3000' }]);
        found.backlog = await place([3000, 64]);
        found.exclusive = await place([{ port: 3000, exclusive: true }]);
        found.ipv6Only = await place([{ port: 3000, host: '::', ipv6Only: true }]);
        found.ipv6OnlyAlone = await place([{ port: 3000, ipv6Only: true }]);
        found.frozen = await place([Object.freeze({ port: 3000, host: '0.0.0.0', backlog: 5 })]);
        class Options { get port() { return 3000; } get host() { return 'localhost'; } }
        found.getters = await place([new Options()]);
        print(found);
      })();`,
      { node },
    );
    const found = Object.entries(result.json<Record<string, Place>>());
    assert.ok(found.length > 40);
    for (const [name, { address, port }] of found)
      assert.deepEqual({ address, port }, { address: rig.address, port: 3000 }, name);
  });

  test(`every other call is left alone (${version})`, async (t) => {
    const rig = new PreloadRig(t);
    const result = await rig.run(
      `${PLACE}
      (async () => {
        const found = {};
        found.zero = await place([0]);
        found.nothing = await place([]);
        found.zeroLocal = await place([0, '127.0.0.1']);
        found.otherHost = await place([3000, '127.99.99.99']);
        found.otherIpv6 = await place([3000, '::2']);
        found.path = await place([${JSON.stringify(`${rig.directory}/s.sock`)}]);
        found.pathOption = await place([{ path: ${JSON.stringify(`${rig.directory}/t.sock`)} }]);
        const handle = net._createServerHandle ? net.createServer().listen(0, '127.0.0.1') : null;
        await new Promise((resolve) => handle.once('listening', resolve));
        found.handle = await place([{ _handle: handle._handle, port: 3000 }]);
        const options = { port: 3000, host: '0.0.0.0' };
        await place([options]);
        found.options = options;
        found.name = net.Server.prototype.listen.name + net.Server.prototype.listen.length;
        found.thrown = [];
        for (const bad of [[70000], [{ port: -1 }], [{}], [{ port: 3000, get host() { throw new Error('mine'); } }]])
          try { net.createServer().listen(...bad); } catch (error) { found.thrown.push(error.code || error.message); }
        print(found);
        process.exit();
      })();`,
      { node },
    );
    const found = result.json<Record<string, Place>>();
    assert.ok(['::', '0.0.0.0'].includes(found.zero?.address ?? ''));
    assert.ok(['::', '0.0.0.0'].includes(found.nothing?.address ?? ''));
    assert.equal(found.zeroLocal?.address, '127.0.0.1');
    assert.equal(found.otherHost?.address, '127.99.99.99');
    assert.notEqual(found.otherIpv6?.address, rig.address);
    assert.equal(found.path, `${rig.directory}/s.sock`);
    assert.equal(found.pathOption, `${rig.directory}/t.sock`);
    assert.equal(found.handle?.address, '127.0.0.1');
    assert.deepEqual(found.options, { port: 3000, host: '0.0.0.0' });
    assert.equal(found.name, 'listen0');
    assert.deepEqual(found.thrown, [
      'ERR_SOCKET_BAD_PORT',
      'ERR_SOCKET_BAD_PORT',
      'ERR_INVALID_ARG_VALUE',
      'mine',
    ]);
    assert.equal(result.stderr, '');
  });

  test(`address() answers at once, callbacks and signals work (${version})`, async (t) => {
    const rig = new PreloadRig(t);
    const result = await rig.run(
      `${PLACE}
      const found = {};
      const server = net.createServer();
      const same = server.listen(3000, () => {
        found.calledBack = true;
        server.close(() => {
          const leave = new AbortController();
          const other = net.createServer();
          other.on('close', () => { found.closed = true; print(found); });
          other.listen({ port: 3000, signal: leave.signal }, () => leave.abort());
        });
      });
      found.same = same === server;
      found.at = server.address();
      found.own = Object.keys(server).includes('_listen2');`,
      { node },
    );
    const found = result.json<Record<string, unknown>>();
    assert.equal(found.same, true);
    assert.equal((found.at as Place | null)?.address, rig.address);
    assert.equal(found.own, false);
    assert.equal(found.calledBack, true);
    assert.equal(found.closed, true);
  });

  test(`a port that is taken is taken, as always (${version})`, async (t) => {
    const rig = new PreloadRig(t);
    const told = await rig.run(
      `${PLACE}
      const first = net.createServer().listen(3000, async () => {
        const found = [];
        for (const args of [[3000], [{ port: 3000 }], [3000, '0.0.0.0'], [3000, 'localhost']]) found.push(await place(args));
        try { first.listen(3000); } catch (error) { found.push({ error: error.code }); }
        first.close();
        print(found);
      });`,
      { node },
    );
    const taken = { error: 'EADDRINUSE', address: rig.address, port: 3000 };
    assert.deepEqual(told.json(), [taken, taken, taken, taken, { error: 'ERR_SERVER_ALREADY_LISTEN' }]);
    const thrown = await rig.run(
      `const net = require('node:net'); net.createServer().listen(3000); net.createServer().listen(3000);`,
      { node },
    );
    assert.equal(thrown.code, 1);
    assert.match(thrown.stderr, new RegExp(`listen EADDRINUSE: address already in use ${rig.address}:3000`));
  });

  test(`one program on 127.0.0.1 and on ::1 goes on working (${version})`, async (t) => {
    const rig = new PreloadRig(t);
    const result = await rig.run(
      `${PLACE}
      const four = net.createServer().listen(3000, '127.0.0.1', () => {
        const six = net.createServer().listen(3000, '::1', async () => {
          const found = [four.address(), six.address(), await place([3000, '127.0.0.1'])];
          four.close(() => six.close(async () => { found.push(await place([3000, '::1'])); print(found); }));
        });
      });`,
      { node },
    );
    const [four, six, again, alone] = result.json<Place[]>();
    assert.deepEqual([four?.address, four?.port], [rig.address, 3000]);
    assert.equal(six?.address, rig.address);
    assert.notEqual(six?.port, 3000);
    assert.equal((again as unknown as { error: string }).error, 'EADDRINUSE');
    assert.deepEqual([alone?.address, alone?.port], [rig.address, 3000]);
  });

  test(`http, https, http2, tls, ES modules, worker threads, child processes (${version})`, async (t) => {
    const rig = new PreloadRig(t);
    rig.write(
      'thread.mjs',
      `import { createServer } from 'node:http';
      import { parentPort } from 'node:worker_threads';
      const server = createServer().listen(3000, () => { parentPort.postMessage(server.address()); server.close(); });`,
    );
    rig.write(
      'child.cjs',
      `const server = require('http').createServer().listen(3000, () => { process.send(server.address()); server.close(); process.disconnect(); });`,
    );
    const result = await rig.run(
      `import http from 'node:http';
      import https from 'node:https';
      import http2 from 'node:http2';
      import tls from 'node:tls';
      import { createServer } from 'node:net';
      import { Worker } from 'node:worker_threads';
      import { fork } from 'node:child_process';
      import { once } from 'node:events';
      const found = {};
      const servers = { net: createServer(), http: http.createServer(), https: https.createServer({}),
        http2: http2.createServer(), http2s: http2.createSecureServer({}), tls: tls.createServer({}) };
      for (const [name, server] of Object.entries(servers)) {
        server.listen(3000);
        await once(server, 'listening');
        found[name] = server.address();
        server.close();
        await once(server, 'close');
      }
      const worker = new Worker(new URL('thread.mjs', import.meta.url));
      [found.thread] = await once(worker, 'message');
      await once(worker, 'exit');
      const child = fork(new URL('child.cjs', import.meta.url));
      [found.child] = await once(child, 'message');
      console.log(JSON.stringify(found));`,
      { node, name: 'program.mjs' },
    );
    const found = Object.entries(result.json<Record<string, Place>>());
    assert.equal(found.length, 8);
    for (const [name, { address, port }] of found)
      assert.deepEqual({ address, port }, { address: rig.address, port: 3000 }, name);
  });

  for (const policy of ['rr', 'none']) {
    test(`cluster, workers share the leased address (${policy}, ${version})`, async (t) => {
      const rig = new PreloadRig(t);
      const result = await rig.run(
        `const cluster = require('node:cluster');
        const http = require('node:http');
        if (cluster.isPrimary) {
          const found = [];
          for (let i = 0; i < 2; i++) cluster.fork();
          const note = (one) => {
            found.push(one);
            if (found.length < 4) return;
            http.get({ host: ${JSON.stringify(rig.address)}, port: 3000, agent: false }, (response) => {
              response.resume().on('end', () => {
                console.log(JSON.stringify({ found: found.sort(), status: response.statusCode }));
                for (const worker of Object.values(cluster.workers)) worker.kill();
              });
            });
          };
          cluster.on('listening', (worker, { address, port }) => note('heard ' + address + ':' + port));
          cluster.on('message', (worker, message) => note(message));
        } else {
          const server = http.createServer((request, response) => response.end('x'));
          server.listen(3000, () => process.send('says ' + server.address().address + ':' + server.address().port));
        }`,
        { node, env: { NODE_CLUSTER_SCHED_POLICY: policy } },
      );
      const { found, status } = result.json<{ found: string[]; status: number }>();
      assert.equal(status, 200);
      const here = `${rig.address}:3000`;
      assert.deepEqual(found, [`heard ${here}`, `heard ${here}`, `says ${here}`, `says ${here}`]);
    });
  }

  test(`a checkout path with spaces, quotes, backslashes, other letters and 200 characters (${version})`, async (t) => {
    const name = `a "quoted" 'one' \\ back é中文😀 ${'x'.repeat(100)}/${'y z'.repeat(40)}`;
    assert.ok(name.length > 200);
    const rig = new PreloadRig(t, name);
    const earlier = rig.write('their own "preload".cjs', 'globalThis.theirs = true;');
    const options = `--title="a \\"b\\" c" --require "${earlier.replace(/["\\]/g, '\\$&')}"`;
    const result = await rig.run(
      `${PLACE} place([3000]).then((found) => print([found, globalThis.theirs, process.title, __dirname]))`,
      { node, env: rig.variables(options) },
    );
    const [found, theirs, title, directory] = result.json<[Place, boolean, string, string]>();
    assert.equal(found.address, rig.address);
    assert.equal(theirs, true);
    assert.equal(title, 'a "b" c');
    assert.equal(basename(directory), 'y z'.repeat(40));
  });
}

test('a broken preload never breaks the program, and says so once when asked to', async (t) => {
  const rig = new PreloadRig(t);
  const program = `${PLACE}
    const options = { port: 3000, get ipv6Only() { if (new Error().stack.split('\\n')[2].includes('preload.cjs')) throw new Error('broken'); } };
    (async () => { const found = [await place([options]), await place([options])]; print(found); })();`;
  const quiet = await rig.run(program);
  assert.ok(['::', '0.0.0.0'].includes(quiet.json<Place[]>()[0]?.address ?? ''), quiet.stdout);
  assert.equal(quiet.stderr, '');
  const loud = await rig.run(program, { env: { LOOPYARD_DEBUG: '1' } });
  assert.equal(loud.stderr, 'loopyard preload: Error: broken\n');
  for (const bind of ['', 'nonsense', '3000', '3000=x:y', '=127.0.0.1:1,,'])
    assert.equal((await rig.run('console.log(1)', { env: { LOOPYARD_BIND: bind } })).stdout, '1\n', bind);
});

test('a leased port of its own: the usual port leads there, and so does the port that was told', async (t) => {
  const rig = new PreloadRig(t);
  const result = await rig.run(
    `${PLACE} (async () => print([await place([3000]), await place([31234, 'localhost']), await place([9100])]))()`,
    { env: { LOOPYARD_BIND: '3000=127.0.0.1:31234,31234=127.0.0.1:31234,9100=127.0.0.1:31235' } },
  );
  const places = result.json<Place[]>().map(({ address, port }) => `${address}:${port}`);
  assert.deepEqual(places, ['127.0.0.1:31234', '127.0.0.1:31234', '127.0.0.1:31235']);
});
