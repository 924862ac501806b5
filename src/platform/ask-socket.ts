/** Asks whether somebody is at a unix socket, within a bounded time. It must not know who should be. */

import { request } from 'node:http';
import { connect } from 'node:net';
import type { SocketAnswer } from './health.ts';
import { codeOf } from './node-health.ts';
import { after } from './patience.ts';

/** Docker answers a ping within a few ms; one that starts on demand takes longer. */
const WITHIN_MS = 3000;

/** `ping`: as the Docker API is asked; else a connection that is taken is all that counts. */
export function askSocket(path: string, ping: boolean, withinMs = WITHIN_MS): Promise<SocketAnswer> {
  return ping ? pingDocker(path, withinMs) : tryConnect(path, withinMs);
}

function tryConnect(path: string, withinMs: number): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: SocketAnswer): void => {
      giveUp();
      socket.destroy();
      resolve(answer);
    };
    const giveUp = after(withinMs, () => settle({ state: 'silent', afterMs: withinMs }));
    socket.on('connect', () => settle({ state: 'answers', version: null }));
    socket.on('error', (error) => settle(refusal(error)));
  });
}

/** Source: the Docker Engine API, `GET /_ping`. */
function pingDocker(path: string, withinMs: number): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: path, path: '/_ping', agent: false }, (response) => {
      const { 'api-version': version } = response.headers;
      response.resume();
      if (response.statusCode === 200)
        settle({ state: 'answers', version: typeof version === 'string' ? version : null });
      else settle({ state: 'refused', code: `HTTP ${response.statusCode}` });
    });
    const settle = (answer: SocketAnswer): void => {
      giveUp();
      asked.destroy();
      resolve(answer);
    };
    const giveUp = after(withinMs, () => settle({ state: 'silent', afterMs: withinMs }));
    asked.on('error', (error) => settle(refusal(error)));
    asked.end();
  });
}

function refusal(error: Error): SocketAnswer {
  const code = codeOf(error);
  return code === 'ENOENT' ? { state: 'absent' } : { state: 'refused', code };
}
