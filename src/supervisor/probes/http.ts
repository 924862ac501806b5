/** Ready when a GET is answered with a status below 400. */

import { request } from 'node:http';
import { ATTEMPT_TIMEOUT_MS, type Attempt, connectionFailure, type Place } from './probe.ts';

export function httpAttempt({ address, port }: Place, path: string): Attempt {
  return (signal) =>
    new Promise((resolve) => {
      const get = request({ host: address, port, path, agent: false, timeout: ATTEMPT_TIMEOUT_MS, signal });
      get.once('response', (response) => {
        const status = response.statusCode ?? 0;
        // The body does not matter, and may never end (a stream of events).
        response.destroy();
        resolve(status < 400 ? null : `GET ${path} answered ${status}`);
      });
      get.once('timeout', () => {
        resolve(`GET ${path}: no answer within ${ATTEMPT_TIMEOUT_MS / 1000}s`);
        get.destroy();
      });
      // May come again when the answer is cut off above.
      get.on('error', (error) => resolve(connectionFailure(error)));
      get.end();
    });
}
