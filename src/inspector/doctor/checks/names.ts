/** Names below `localhost`, as services will be called: asked of the system's resolver with a name that nobody has. */

import type { NameServiceFacts } from '../../../platform/health.ts';
import { type Check, fail, ok, unknown, warn } from '../check.ts';
import { isLoopback } from './localhost.ts';

const ASKED = 'doctor.loopyard.localhost';

/** The module that answers for them comes with systemd; Debian keeps it in a package of its own, which enters itself. */
function fixFor(family: string | null, order: readonly string[] | null): string | null {
  if (order === null) return null;
  if (family === 'debian') return 'sudo apt install libnss-myhostname';
  return order.includes('myhostname')
    ? null
    : "sudo sed -i '/^hosts:/s/ files/ files myhostname/' /etc/nsswitch.conf";
}

export const names: Check = {
  id: 'names',
  title: 'Names *.localhost',
  group: 'network',
  async examine({ health }) {
    const [answer, service] = await Promise.all([health.lookup(ASKED), health.nameService()]);
    const fix = fixFor(health.surroundings().family, service.order);
    const server = service.nameservers.length === 0 ? 'none' : service.nameservers.join(', ');
    if ('silentMs' in answer) {
      return unknown(
        `no answer for a name below localhost within ${answer.silentMs / 1000} s; nameservers: ${server}. ${whyNot(service)}`,
        fix,
      );
    }
    if ('code' in answer) {
      return warn(
        `names below localhost do not resolve (${answer.code}): browsers and curl know them by themselves, other programs do not. ${whyNot(service)}`,
        fix,
      );
    }
    const strange = answer.addresses.filter((address) => !isLoopback(address));
    if (strange.length === 0) return ok('names below localhost lead to this machine');
    return fail(
      `names below localhost lead to ${strange.join(', ')}: the nameserver (${server}) answers for them, though they are this machine's (RFC 6761)`,
      fix,
    );
  },
};

function whyNot({ order, resolved }: NameServiceFacts): string {
  if (order === null) return 'This system has no nsswitch.conf (musl?), so its resolver asks the nameserver';
  const missing = order.includes('myhostname') ? [] : ['no nss-myhostname'];
  if (!order.includes('resolve') || !resolved) missing.push('no systemd-resolved');
  return missing.length === 0
    ? 'nss-myhostname and systemd-resolved are there, and still do not answer'
    : `There is ${missing.join(' and ')} on this system`;
}
