/**
 * A gateway in the test's own process, on free ports, with certificates of an authority of its own, and programs that the test plays.
 * It must not know what a test looks for.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type RequestListener,
  request as requestPlain,
} from 'node:http';
import { request as requestSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { GatewayCertificate, GatewayRoute } from '../../src/core/gateway.ts';
import { gatewayPaths, type HomePaths } from '../../src/core/paths.ts';
import { certificateFor } from '../../src/daemon/authority/certificates.ts';
import { Gateway } from '../../src/gateway/gateway.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** `::1` instead of 127.0.0.1. */
  readonly address?: string;
  /** What the handshake asks for, where it is not the host. */
  readonly servername?: string;
}

export class GatewayRig {
  readonly gateway: Gateway;
  readonly directory: string;
  readonly reports: unknown[] = [];
  #revision = 1;
  #certificates: readonly GatewayCertificate[] = [];

  private constructor(directory: string, holdMs: number | undefined) {
    this.directory = directory;
    this.gateway = new Gateway((error) => this.reports.push(error), holdMs === undefined ? {} : { holdMs });
  }

  /** `holdMs`: how long requests are held for a service that starts. */
  static async create(t: TestContext, holdMs?: number): Promise<GatewayRig> {
    const rig = new GatewayRig(realpathSync(mkdtempSync(join(tmpdir(), 'gateway-'))), holdMs);
    t.after(async () => {
      await rig.gateway.close();
      rmSync(rig.directory, { recursive: true, force: true });
    });
    await rig.gateway.open({ https: [0], http: [0] });
    return rig;
  }

  /** Serves these routes from now on; over HTTPS once `certify` was called. */
  serve(...routes: readonly GatewayRoute[]): void {
    this.#revision += 1;
    const { gateway } = this;
    const snapshot = { schema: 1, revision: this.#revision, routes, links: [] } as const;
    assert.ok(gateway.apply({ ...snapshot, certificates: this.#certificates }));
  }

  async certify(...names: readonly string[]): Promise<void> {
    const paths = gatewayPaths({ home: this.directory, runtime: this.directory } as HomePaths);
    this.#certificates = [
      await certificateFor({ paths, now: Date.now, notice: (words) => assert.fail(words) }, names),
    ];
  }

  /** Requests under way. */
  open(): number {
    return this.gateway.status().routes.reduce((sum, { open }) => sum + open, 0);
  }

  /** `https://a.localhost/path`: the port is the door's, whatever the name resolves to. */
  ask(url: string, asking: Asking = {}): Promise<Reply> {
    const { protocol, hostname, pathname, search } = new URL(url);
    const secure = protocol === 'https:';
    const port = secure ? this.gateway.ports.https : this.gateway.ports.http;
    const where = {
      host: asking.address ?? '127.0.0.1',
      port,
      path: pathname + search,
      method: asking.method ?? 'GET',
      headers: { host: `${hostname}:${port}`, ...asking.headers },
      agent: false,
    };
    return new Promise((resolve, reject) => {
      const sent = secure
        ? requestSecure({ ...where, servername: asking.servername ?? hostname, ca: this.#authority() })
        : requestPlain(where);
      sent.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject).end(asking.body);
    });
  }

  #authority(): string {
    return readFileSync(join(this.directory, 'ca.pem'), 'utf8');
  }
}

/** A ready route that leads to a port on 127.0.0.1; null: to nowhere, for it is down. */
export function route(name: string, port: number | null, more: Partial<GatewayRoute> = {}): GatewayRoute {
  return {
    id: `shop-1/${name}`,
    names: [`${name}.localhost`],
    wildcard: false,
    path: '/',
    target: port === null ? null : { address: '127.0.0.1', port },
    state: port === null ? 'down' : 'ready',
    words: `${name} is ${port === null ? 'stopped' : 'ready'}`,
    log: null,
    ...more,
  };
}

/** A program behind the gateway. Gives its port. */
export async function program(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
