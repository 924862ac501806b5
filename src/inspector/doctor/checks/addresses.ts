/** The addresses that services are given: at some of 127.64.0.0/10, from one end to the other, this machine talks to itself. */

import { type Check, ok, warn } from '../check.ts';

const TRIED = ['127.64.0.1', '127.96.1.2', '127.127.255.254'] as const;

export const addresses: Check = {
  id: 'addresses',
  title: 'Loopback addresses',
  group: 'network',
  async examine({ health }) {
    const answers = await Promise.all(TRIED.map((address) => health.tryLoop(address)));
    const bad = TRIED.flatMap((address, index) => {
      const answer = answers[index];
      return answer === undefined || answer.works ? [] : [{ address, code: answer.code }];
    });
    if (bad.length === 0) return ok('127.64.0.0/10 can be used');
    const words = bad.map(({ address, code }) => `${address} (${code})`).join(', ');
    // Only where the system does not have the address is a service placed elsewhere.
    const isMissing = bad.every(({ code }) => code === 'EADDRNOTAVAIL');
    return warn(
      `cannot be used: ${words}; ${isMissing ? 'services get leased ports on 127.0.0.1 instead of addresses of their own' : 'services there cannot be reached'}`,
      health.program().system === 'linux'
        ? 'sudo ip link set lo up'
        : `sudo ifconfig lo0 alias ${TRIED[0]}  # one address; it lasts until the next boot`,
    );
  },
};
