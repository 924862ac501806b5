/** Asks the gateway of a home who it is and which doors it has, within a bounded time. It must not start or change it. */

import { request } from 'node:http';
import { reasonOf } from '../core/errors.ts';
import type { GatewayStatus } from '../core/gateway.ts';
import type { GatewayAnswer } from '../inspector/doctor/own.ts';
import { after } from '../platform/patience.ts';

const WITHIN_MS = 3000;

export function askGateway(socket: string): Promise<GatewayAnswer> {
  return new Promise((resolve) => {
    const asking = request({ socketPath: socket, path: '/v1/status', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => settle(answerOf(response.statusCode, text)));
      response.on('error', (error) => settle({ state: 'refused', code: reasonOf(error) }));
    });
    const settle = (answer: GatewayAnswer): void => {
      giveUp();
      asking.destroy();
      resolve(answer);
    };
    const giveUp = after(WITHIN_MS, () => settle({ state: 'silent', afterMs: WITHIN_MS }));
    asking.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message;
      settle(code === 'ENOENT' ? { state: 'absent' } : { state: 'refused', code });
    });
    asking.end();
  });
}

function answerOf(status: number | undefined, text: string): GatewayAnswer {
  if (status !== 200) return { state: 'refused', code: `HTTP ${status}` };
  try {
    const { version, build, pid, doors } = JSON.parse(text) as GatewayStatus;
    return { state: 'answers', version, build, pid, doors };
  } catch (error) {
    return { state: 'refused', code: reasonOf(error) };
  }
}
