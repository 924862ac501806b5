/** Where the name `localhost` leads: asked as programs ask, in the order in which they are told. */

import { type Check, fail, ok, unknown, warn } from '../check.ts';

const LINES = "printf '\\n127.0.0.1 localhost\\n::1 localhost\\n' | sudo tee -a /etc/hosts";

export const localhost: Check = {
  id: 'localhost',
  title: 'Name localhost',
  group: 'network',
  async examine({ health }) {
    const [answer, six] = await Promise.all([health.lookup('localhost'), health.tryLoop('::1')]);
    if ('silentMs' in answer) {
      return unknown(
        `the resolver did not answer for localhost within ${answer.silentMs / 1000} s: it is in no hosts file, and the nameserver is silent`,
        LINES,
      );
    }
    if ('code' in answer) return fail(`localhost does not resolve: ${answer.code}`, LINES);
    const order = [...new Set(answer.addresses)];
    const strange = order.filter((address) => !isLoopback(address));
    if (strange.length > 0) {
      return fail(
        `localhost leads to ${strange.join(', ')}, which is not this machine's loopback`,
        'correct the line for localhost in /etc/hosts: it belongs to 127.0.0.1 and ::1',
      );
    }
    if (order.includes('::1') && !six.works) {
      return warn(
        `localhost is ${order.join(', then ')}, but ::1 cannot be used (${six.code}): clients that try only the first address fail`,
        health.program().system === 'linux'
          ? "sudo sed -i '/^::1[[:space:]].*localhost/s/^/# /' /etc/hosts"
          : 'take the line of ::1 and localhost out of the hosts file, or give lo0 its ::1 back',
      );
    }
    return ok(`localhost is ${order.join(', then ')}`);
  },
};

export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}
