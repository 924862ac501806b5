/** The gateway, which carries names and HTTPS: whether somebody is at its socket. */

import { type Check, ok, warn } from '../check.ts';

export const gateway: Check = {
  id: 'gateway',
  title: 'Gateway',
  group: 'network',
  async examine({ health, own }) {
    const { gatewaySocket } = own.place();
    const answer = await health.ask(gatewaySocket, false);
    switch (answer.state) {
      case 'absent':
        return ok('not running; services are reached at their own addresses');
      case 'answers':
        return ok(`somebody serves ${gatewaySocket}`);
      case 'silent':
        return warn(`${gatewaySocket} does not answer within ${answer.afterMs / 1000} s`, null);
      case 'refused':
        return warn(`${gatewaySocket} is there, and nobody serves it (${answer.code})`, null);
      default:
        return answer satisfies never;
    }
  },
};
