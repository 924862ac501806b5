/** 127.0.0.1 and ::1: this machine talks to itself at both. */

import { type Check, type Finding, fail, ok, warn } from '../check.ts';

export const families: Check = {
  id: 'families',
  title: 'IPv4 and IPv6',
  group: 'network',
  async examine({ health }) {
    const [four, six] = await Promise.all([health.tryLoop('127.0.0.1'), health.tryLoop('::1')]);
    const isLinux = health.program().system === 'linux';
    if (!four.works) {
      return fail(
        `127.0.0.1 cannot be used (${four.code}): nothing on this machine can reach anything else on it`,
        isLinux ? 'sudo ip link set lo up' : 'sudo ifconfig lo0 up',
      );
    }
    if (six.works) return ok('127.0.0.1 and ::1 can be used');
    return withoutSix(six.code, health.loopbackIPv6(), isLinux);
  },
};

function withoutSix(code: string, state: 'on' | 'off' | 'absent' | 'unknown', isLinux: boolean): Finding {
  const consequence = 'programs that listen on ::1, or dial it first, do not meet the others';
  switch (state) {
    case 'off':
      return warn(
        `::1 cannot be used (${code}): IPv6 is switched off on lo; ${consequence}`,
        'sudo sysctl -w net.ipv6.conf.lo.disable_ipv6=0',
      );
    case 'absent':
      return warn(`::1 cannot be used (${code}): this kernel runs without IPv6; ${consequence}`, null);
    default:
      return warn(
        `::1 cannot be used (${code}); ${consequence}`,
        isLinux ? 'sudo ip -6 address add ::1/128 dev lo' : null,
      );
  }
}
