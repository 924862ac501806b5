/** The addresses that services are given: some of 127.64.0.0/10, from one end to the other, are bound for an instant. */

import { type Check, ok, warn } from '../check.ts';

const TRIED = ['127.64.0.1', '127.96.1.2', '127.127.255.254'] as const;

export const addresses: Check = {
  id: 'addresses',
  title: 'Loopback addresses',
  group: 'network',
  async examine({ platform, health }) {
    const answers = await Promise.all(TRIED.map((address) => platform.tryBind(address, 0)));
    const bad = TRIED.flatMap((address, index) => {
      const answer = answers[index];
      return answer === undefined || answer.bindable ? [] : [`${address} (${answer.code})`];
    });
    if (bad.length === 0) return ok('127.64.0.0/10 can be bound');
    return warn(
      `cannot be bound: ${bad.join(', ')}; services get leased ports on 127.0.0.1 instead of addresses of their own`,
      health.program().system === 'linux'
        ? 'sudo ip link set lo up'
        : `sudo ifconfig lo0 alias ${TRIED[0]}  # one address; it lasts until the next boot`,
    );
  },
};
