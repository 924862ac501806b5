/** Asks the gateway over its own socket. It must not know what is asked, nor who starts a gateway. */

import { type ClientRequest, request } from 'node:http';
import { reasonOf } from '../core/errors.ts';
import type { GatewaySnapshot, GatewayStatus } from '../core/gateway.ts';

/** For a question; a snapshot may take as long as it takes. */
const ANSWERS_MS = 2000;

export class GatewayClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Null: none answers within two seconds. */
  async status(): Promise<GatewayStatus | null> {
    return await this.#document('GET', '/v1/status', '', ANSWERS_MS);
  }

  /** What the gateway tells once it has taken it; null when none answers. */
  async deliver(snapshot: GatewaySnapshot): Promise<GatewayStatus | null> {
    return await this.#document('POST', '/v1/snapshot', JSON.stringify(snapshot));
  }

  async end(): Promise<void> {
    await this.#document('POST', '/v1/end', '');
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

  /** `timeout` in ms; 0: none. */
  async #document(method: string, path: string, body: string, timeout = 0): Promise<GatewayStatus | null> {
    try {
      return JSON.parse(await this.#ask(method, path, body, timeout)) as GatewayStatus;
    } catch {
      // None runs, or it ended meanwhile: for whoever asks that is the same.
      return null;
    }
  }

  #ask(method: string, path: string, body: string, timeout: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const asking = request(
        { socketPath: this.#socketPath, method, path, agent: false, timeout },
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
