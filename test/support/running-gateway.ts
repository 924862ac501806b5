/** The shipped gateway as a process of its own, in front of a program that the test plays. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get, type RequestListener } from 'node:http';
import { get as getSecurely, Agent as SecureAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { dist } from './paths.ts';
import { until } from './until.ts';

interface Ports {
  readonly https: number;
  readonly http: number;
}

export class Running {
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

  /** The shipped gateway with one route, `web.localhost`, to `serve`, or to the port `target`. Null: the test is skipped. */
  static async start(
    t: TestContext,
    { secure, target }: { readonly secure: boolean; readonly target?: number },
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
    const port = target ?? (program.address() as AddressInfo).port;
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

  get(path = '/'): ReturnType<typeof get> {
    const headers = { host: 'web.localhost' };
    const { https, http } = this.ports;
    const options = { host: '127.0.0.1', path, headers, agent: this.#agent };
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
