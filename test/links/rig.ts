/** What tests of links share: a lab whose gateway runs, a caller and a service, requests, the list of links. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { GatewayStatus } from '../../src/core/gateway.ts';
import type { LinkDocument, LinkList } from '../../src/core/link-list.ts';
import { type Finished, Lab, type Live } from '../support/lab.ts';

export const ON = { env: { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' } };

/** Answers with the variables of its needs; below `/through` with what its need `db` answers. `WIDE=1`: listens on every address. */
const CALLER = `
import { createServer, request } from 'node:http';
const { HOST, PORT, LOOPYARD_SERVICE, DB_HOST, DB_PORT, WIDE } = process.env;
const needs = Object.fromEntries(Object.entries(process.env).filter(([name]) => /_(HOST|PORT|URL)$/.test(name)));
createServer((asked, response) => {
  if (!asked.url.startsWith('/through')) return response.end(JSON.stringify({ name: LOOPYARD_SERVICE, needs }));
  const call = request({ host: DB_HOST, port: DB_PORT, agent: false }, (answer) => answer.pipe(response));
  call.on('error', (error) => { response.statusCode = 502; response.end(error.code); }).end();
}).listen(Number(PORT), WIDE ? '0.0.0.0' : HOST, () => console.log(LOOPYARD_SERVICE + ' listens'));
`;

export const SHOP = `
name: shop
services:
  db: { run: node server.mjs, port: 5432 }
  api: { run: node server.mjs, port: 3000, needs: [db] }
`;

export class LinkLab {
  readonly lab: Lab;

  constructor(t: TestContext, config = SHOP) {
    this.lab = Lab.create(t);
    this.lab.write('loopyard.yaml', config);
    this.lab.write('server.mjs', CALLER);
  }

  async must(args: readonly string[], code = 0): Promise<string> {
    return await this.lab.must(args, code, ON);
  }

  lo(args: readonly string[]): Promise<Finished> {
    return this.lab.lo(args, ON);
  }

  start(args: readonly string[]): Live {
    return this.lab.start(args, ON);
  }

  async up(): Promise<void> {
    await this.must(['up', '--detach']);
  }

  async list(): Promise<LinkList> {
    return await this.lab.json<LinkList>(['link', 'ls'], ON);
  }

  async link(name: string): Promise<LinkDocument> {
    const { links } = await this.list();
    const found = links.find((one) => one.name === name);
    assert.ok(found, `no link ${name} among ${links.map((one) => one.name).join()}`);
    return found;
  }

  async url(service: string): Promise<string> {
    return (await this.lab.service(service, ON)).endpoints[0]?.url ?? '';
  }

  /** What a service was told of its needs. */
  async told(service: string): Promise<Readonly<Record<string, string>>> {
    const answer = JSON.parse(await get(await this.url(service))) as { needs: Record<string, string> };
    return answer.needs;
  }

  /** From the gateway itself, over its own socket. */
  async gateway(): Promise<GatewayStatus> {
    const socketPath = join(this.lab.home, 'gateway.sock');
    return JSON.parse(await get({ socketPath, path: '/v1/status' })) as GatewayStatus;
  }

  daemonLog(): string {
    return readFileSync(join(this.lab.home, 'daemon.log'), 'utf8');
  }
}

export function get(where: string | { readonly socketPath: string; readonly path: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { agent: false as const };
    const asked = typeof where === 'string' ? request(where, options) : request({ ...where, ...options });
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    });
    asked.on('error', reject).end();
  });
}

/** A connection that is open, or the error that it met. */
export function dial(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

/** One that nobody listens on at any address: who listens on all of them can have it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
