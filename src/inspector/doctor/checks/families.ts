/** 127.0.0.1 and ::1: both are bound for an instant. */

import { type Check, type Finding, fail, ok, warn } from '../check.ts';

export const families: Check = {
  id: 'families',
  title: 'IPv4 and IPv6',
  group: 'network',
  async examine({ platform, health }) {
    const [four, six] = await Promise.all([platform.tryBind('127.0.0.1', 0), platform.tryBind('::1', 0)]);
    const isLinux = health.program().system === 'linux';
    if (!four.bindable) {
      return fail(
        `127.0.0.1 cannot be bound (${four.code}): nothing can listen on this machine's loopback`,
        isLinux ? 'sudo ip link set lo up' : 'sudo ifconfig lo0 up',
      );
    }
    if (six.bindable) return ok('127.0.0.1 and ::1 can be bound');
    return withoutSix(six.code, health.loopbackIPv6(), isLinux);
  },
};

function withoutSix(code: string, state: 'on' | 'off' | 'absent' | 'unknown', isLinux: boolean): Finding {
  const consequence = 'programs that listen on ::1, or dial it first, do not meet the others';
  switch (state) {
    case 'off':
      return warn(
        `::1 cannot be bound (${code}): IPv6 is switched off on lo; ${consequence}`,
        'sudo sysctl -w net.ipv6.conf.lo.disable_ipv6=0',
      );
    case 'absent':
      return warn(`::1 cannot be bound (${code}): this kernel runs without IPv6; ${consequence}`, null);
    default:
      return warn(
        `::1 cannot be bound (${code}); ${consequence}`,
        isLinux ? 'sudo ip -6 address add ::1/128 dev lo' : null,
      );
  }
}
