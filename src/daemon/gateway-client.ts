/**
 * Asks the gateway over its own socket, and hands it what it should serve: what differs from what it was handed before, where that is
 * enough. It must not know what is served, nor who starts a gateway.
 */

import { Agent, type ClientRequest, request } from 'node:http';
import { reasonOf } from '../core/errors.ts';
import type { GatewayChange, GatewayChangeAnswer, GatewaySnapshot, GatewayStatus } from '../core/gateway.ts';
import type { LinkStatistics } from '../core/link.ts';

/** For a question; a snapshot may take as long as it takes. */
const ANSWERS_MS = 2000;

interface Served {
  readonly snapshot: GatewaySnapshot;
  /** Its links as text, by id: what is the same needs not be told. */
  readonly links: ReadonlyMap<string, string>;
  readonly status: GatewayStatus;
}

export class GatewayClient {
  readonly #socketPath: string;
  #agent = new Agent({ keepAlive: true });
  /** Null: not known. */
  #served: Served | null = null;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Null: none answers within two seconds. */
  async status(): Promise<GatewayStatus | null> {
    return await this.#document('GET', '/v1/status', '', ANSWERS_MS);
  }

  /** What the gateway tells once it has taken it (of routes and lag: when it was last told all); null when none answers. */
  async deliver(snapshot: GatewaySnapshot): Promise<GatewayStatus | null> {
    const links = new Map(snapshot.links.map((link) => [link.id, JSON.stringify(link)]));
    const status = (await this.#change(snapshot, links)) ?? (await this.#whole(snapshot));
    this.#served = status === null ? null : { snapshot, links, status };
    return status;
  }

  async end(): Promise<void> {
    await this.#document('POST', '/v1/end', '');
    this.forget();
  }

  /** Another gateway may be behind the socket now. */
  forget(): void {
    this.#served = null;
    this.#agent.destroy();
    this.#agent = new Agent({ keepAlive: true });
  }

  /** An open request that ends with the gateway. */
  attend(ended: () => void): ClientRequest {
    const attending = request({ socketPath: this.#socketPath, path: '/v1/attend', agent: false });
    attending.on('response', (response) => response.on('close', ended).resume());
    attending.on('error', ended);
    attending.on('close', ended);
    attending.end();
    return attending;
  }

  async #whole(snapshot: GatewaySnapshot): Promise<GatewayStatus | null> {
    return await this.#document('POST', '/v1/snapshot', JSON.stringify(snapshot));
  }

  /** Null: it has to be told all. */
  async #change(
    { revision, routes, certificates, links: all }: GatewaySnapshot,
    texts: Served['links'],
  ): Promise<GatewayStatus | null> {
    const served = this.#served;
    if (served?.snapshot.routes !== routes || served.snapshot.certificates !== certificates) return null;
    const links = all.filter(({ id }) => served.links.get(id) !== texts.get(id));
    const gone = [...served.links.keys()].filter((id) => !texts.has(id));
    const change: GatewayChange = { schema: 1, revision, after: served.snapshot.revision, links, gone };
    const answer = await this.#document<GatewayChangeAnswer>('POST', '/v1/change', JSON.stringify(change));
    if (answer?.taken !== true) return null;
    return { ...served.status, revision, links: renewed(served.status.links, answer.links, gone) };
  }

  /** `timeout` in ms; 0: none. */
  async #document<T = GatewayStatus>(
    method: string,
    path: string,
    body: string,
    timeout = 0,
  ): Promise<T | null> {
    try {
      return JSON.parse(await this.#ask(method, path, body, timeout)) as T;
    } catch {
      // None runs, or it ended meanwhile: for whoever asks that is the same.
      return null;
    }
  }

  #ask(method: string, path: string, body: string, timeout: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) };
      const asking = request(
        { socketPath: this.#socketPath, method, path, agent: this.#agent, timeout, headers: length },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
          });
          response.on('end', () =>
            response.statusCode === 200 ? resolve(text) : reject(new Error(`gateway: ${text}`)),
          );
          response.on('error', reject);
        },
      );
      asking.on('timeout', () => asking.destroy(new Error('no answer')));
      asking.on('error', (error) => reject(new Error(reasonOf(error))));
      asking.end(body);
    });
  }
}

function renewed(
  before: readonly LinkStatistics[],
  told: readonly LinkStatistics[],
  gone: readonly string[],
): readonly LinkStatistics[] {
  const links = new Map([...before, ...told].map((link) => [link.id, link]));
  for (const id of gone) links.delete(id);
  return [...links.values()];
}
