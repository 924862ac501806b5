/** The gateway's own process under attack: doors that are spoken to wrongly, ten thousand connections, neighbours that must not notice. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get, type RequestListener } from 'node:http';
import { get as getSecurely, Agent as SecureAgent } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { dist } from '../support/paths.ts';
import { until } from '../support/until.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n';

test('who speaks plainly at the secure door is told the way, and who speaks TLS at the plain one is told no', async (t) => {
  const gateway = await Running.start(t, { secure: true });
  if (gateway === null) return;
  const { https, http } = gateway.ports;
  const plain = await said(
    https,
    `${REQUEST.replace('GET /', 'GET /a?b').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`,
  );
  assert.match(plain, /^HTTP\/1\.1 308 /);
  assert.ok(plain.includes(`Location: https://web.localhost:${https}/a?b\r\n`));
  const stranger = await said(https, 'GET / HTTP/1.1\r\nHost: bank.example.com\r\nConnection: close\r\n\r\n');
  assert.match(stranger, /^HTTP\/1\.1 404 /);
  assert.match(await said(http, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), /^HTTP\/1\.1 400 /);
  assert.equal(await statusOf(gateway), 200);
});

test('TLS that is garbage, of another name or without one costs nothing but its own connection', async (t) => {
  const gateway = await Running.start(t, { secure: true });
  if (gateway === null) return;
  assert.equal(
    await said(gateway.ports.https, `\x16\x03\x01\x00\x05${'\xff'.repeat(500)}`),
    await said(gateway.ports.https, '\x16\x03\x01\x00\x05hello'),
  );
  for (const servername of ['bank.example.com', '']) {
    const socket = connectSecurely({
      host: '127.0.0.1',
      port: gateway.ports.https,
      servername,
      rejectUnauthorized: false,
    });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.match(error.code ?? '', /ECONNRESET|SSL/);
  }
  assert.equal(await statusOf(gateway), 200);
});

test('an abort reaches a client under TLS as an abort too', async (t) => {
  const gateway = await Running.start(t, { secure: true }, (_request, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('part', () => response.destroy());
  });
  if (gateway === null) return;
  const [response] = await once(gateway.get(), 'response');
  await assert.rejects(async () => {
    for await (const _ of response);
  }, /aborted|ECONNRESET/);
});

test('thousands of idle and slow connections: the neighbours are served', async (t) => {
  const gateway = await Running.start(t, { secure: false });
  if (gateway === null) return;
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const wanted = mostConnections();
  for (let count = 0; count < wanted; count += 1) {
    // From many addresses: one has 28 thousand ports, and others need some too.
    const from = `127.77.${1 + (count % 8)}.1`;
    const socket = connect({ host: '127.0.0.1', port: gateway.ports.http, localAddress: from });
    // It is cut off or not: what counts is what the neighbours see.
    socket.on('error', () => undefined);
    sockets.push(socket);
    if (count % 3 === 1) socket.write('GET / HTTP/1.1\r\nHost: web.loc');
    if (count % 3 === 2)
      socket.write('POST / HTTP/1.1\r\nHost: nobody.localhost\r\nContent-Length: 9\r\n\r\nab');
    if (count % 200 === 199) await once(socket, 'connect');
  }
  const took: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const began = performance.now();
    assert.equal(await statusOf(gateway), 200);
    took.push(performance.now() - began);
    const victim = sockets[round];
    victim?.write('\0garbage\r\n\r\n');
  }
  took.sort((one, other) => one - other);
  // A timeout, or a pass over all connections for each request, would show as seconds.
  assert.ok((took[197] ?? 0) < 2000, `p99 ${took[197]} ms beside ${wanted} connections`);
  assert.ok(gateway.memoryMb() < 500, `${gateway.memoryMb()} MB`);
});

/** Each end of a connection is a descriptor of its own process. */
function mostConnections(): number {
  const limit = /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return Math.min(10_000, Number(limit ?? 4096) - 500);
}

/** What the gateway answers to these bytes until it closes. */
async function said(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (part: string) => {
    text += part;
  });
  // A reset is a close for who asks what was said.
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await until(() => socket.closed);
  return text;
}

async function statusOf(gateway: Running): Promise<number> {
  const [response] = await once(gateway.get(), 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

interface Ports {
  readonly https: number;
  readonly http: number;
}

class Running {
  readonly ports: Ports;
  readonly #process: ChildProcess;
  readonly #agent: Agent;
  readonly #secure: boolean;

  private constructor(process: ChildProcess, ports: Ports, secure: boolean) {
    this.#process = process;
    this.ports = ports;
    this.#secure = secure;
    this.#agent = secure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  /** The shipped gateway with one route, `web.localhost`. Null: the test is skipped. */
  static async start(
    t: TestContext,
    { secure }: { readonly secure: boolean },
    serve: RequestListener = (_request, response) => response.end('ok\n'),
  ): Promise<Running | null> {
    const directory = mkdtempSync(join(tmpdir(), 'doors-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const certificates = secure ? certificatesIn(directory) : [];
    if (certificates === null) {
      t.skip('openssl, which makes the certificate, is not installed');
      return null;
    }
    const program = createServer(serve).listen(0, '127.0.0.1');
    await once(program, 'listening');
    const { port } = program.address() as AddressInfo;
    const route = {
      id: 'shop/web',
      names: ['web.localhost'],
      wildcard: false,
      path: '/',
      state: 'ready',
      words: 'web',
      log: null,
    };
    const routes = [{ ...route, target: { address: '127.0.0.1', port } }];
    const snapshot = join(directory, 'snapshot.json');
    writeFileSync(snapshot, JSON.stringify({ schema: 1, revision: 1, routes, certificates, links: [] }));
    const args = [join(dist, 'gateway.js'), join(directory, 'socket'), snapshot, `doors-test-${directory}`];
    const env = { PATH: process.env.PATH, LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const doors = join(directory, 'doors.json');
    await until(() => existsSync(doors));
    const gateway = new Running(child, JSON.parse(readFileSync(doors, 'utf8')) as Ports, secure);
    t.after(async () => {
      gateway.#agent.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
      program.closeAllConnections();
      program.close();
    });
    return gateway;
  }

  get(): ReturnType<typeof get> {
    const headers = { host: 'web.localhost' };
    const { https, http } = this.ports;
    const options = { host: '127.0.0.1', headers, agent: this.#agent };
    return this.#secure
      ? getSecurely({ ...options, port: https, servername: 'web.localhost', rejectUnauthorized: false })
      : get({ ...options, port: http });
  }

  memoryMb(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'latin1');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }
}

function certificatesIn(directory: string): readonly object[] | null {
  const [certificate, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=web.localhost', '-addext', 'subjectAltName=DNS:web.localhost'];
  const { status } = spawnSync('openssl', [
    'req',
    '-x509',
    ...kind,
    ...names,
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  return status === 0 ? [{ names: ['web.localhost'], certificate, key }] : null;
}
