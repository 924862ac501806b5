/**
 * Names below `localhost`, as services are called: each kind of program that looks names up here is asked, with a name that nobody has,
 * by starting one.
 */

import type { LookupAnswer, NameServiceFacts } from '../../../platform/health.ts';
import { type Check, count, type Finding, fail, ok, unknown, warn } from '../check.ts';
import type { HostsNames } from '../own.ts';
import { isLoopback } from './localhost.ts';

const ASKED = 'doctor.loopyard.localhost';
const WITHIN_MS = 4000;
const BROWSER_WITHIN_MS = 7000;
const IN_HOSTS = 'lo setup --hosts';

interface Way {
  /** Who looks names up in this way. */
  readonly who: string;
  readonly answer: LookupAnswer;
}

export const names: Check = {
  id: 'names',
  title: 'Names *.localhost',
  group: 'network',
  async examine({ health, own }) {
    const { browser } = own.wishes();
    const withinMs = browser ? BROWSER_WITHIN_MS : WITHIN_MS;
    const [node, others, service] = await Promise.all([
      health.lookup(ASKED),
      health.tryNames({ name: ASKED, browser, withinMs }),
      health.nameService(),
    ]);
    const library = service.order === null ? 'the C library (musl)' : 'the C library';
    const words = { library, curl: 'curl', chromium: 'Chromium' };
    const ways = [
      { who: 'Node', answer: node },
      ...others.map(({ way, answer }) => ({ who: words[way], answer })),
    ];
    const fix = fixFor(health.surroundings().family, service.order);
    return judge(ways, service, { fix, inHosts: own.hostsNames() });
  },
};

/** The module that answers for them comes with systemd; Debian keeps it in a package of its own, which enters itself. */
function fixFor(family: string | null, order: readonly string[] | null): string {
  if (order === null) return IN_HOSTS;
  if (family === 'debian') return 'sudo apt install libnss-myhostname';
  return order.includes('myhostname')
    ? IN_HOSTS
    : "sudo sed -i '/^hosts:/s/ files/ files myhostname/' /etc/nsswitch.conf";
}

interface Remedies {
  readonly fix: string;
  readonly inHosts: HostsNames;
}

function judge(ways: readonly Way[], service: NameServiceFacts, { fix, inHosts }: Remedies): Finding {
  const astray = ways.filter(({ answer }) => strangers(answer).length > 0);
  const server = service.nameservers.length === 0 ? 'none' : service.nameservers.join(', ');
  if (astray.length > 0) {
    const where = [...new Set(astray.flatMap(({ answer }) => strangers(answer)))].join(', ');
    return fail(
      `names below localhost lead to ${where} in ${list(astray)}: the nameserver (${server}) answers for them, though they are this machine's (RFC 6761)`,
      fix,
    );
  }
  const good = ways.filter(({ answer }) => 'addresses' in answer);
  const rest = good.length === 0 ? '' : `; ${list(good)} ${good.length === 1 ? 'does' : 'do'}`;
  const unable = ways.filter(({ answer }) => 'code' in answer);
  if (unable.length > 0) {
    const codes = [...new Set(unable.map(({ answer }) => ('code' in answer ? answer.code : '')))].join(', ');
    const text = `${list(unable)} ${unable.length === 1 ? 'does' : 'do'} not find names below localhost (${codes})${rest}`;
    if (inHosts.served > 0 && inHosts.there === inHosts.served)
      return ok(`${count(inHosts.there, 'name')} of services in the hosts file; others: ${text}`);
    if (inHosts.there > 0)
      return warn(
        `${inHosts.there} of ${count(inHosts.served, 'name')} are in the hosts file; else ${text}`,
        IN_HOSTS,
      );
    return warn(`${text}. ${whyNot(service)}`, fix);
  }
  const silent = ways.filter(({ answer }) => 'silentMs' in answer);
  const [first] = silent;
  if (first !== undefined && 'silentMs' in first.answer) {
    return unknown(
      `no answer for a name below localhost within ${first.answer.silentMs / 1000} s in ${list(silent)}${rest}; nameservers: ${server}. ${whyNot(service)}`,
      fix,
    );
  }
  return ok(`names below localhost lead to this machine, in ${list(good)}`);
}

function strangers(answer: LookupAnswer): readonly string[] {
  return 'addresses' in answer ? answer.addresses.filter((address) => !isLoopback(address)) : [];
}

function list(ways: readonly Way[]): string {
  const all = ways.map(({ who }) => who);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

function whyNot({ order, resolved }: NameServiceFacts): string {
  if (order === null) return 'This system has no nsswitch.conf (musl?), so its resolver asks the nameserver';
  const missing = order.includes('myhostname') ? [] : ['no nss-myhostname'];
  if (!order.includes('resolve') || !resolved) missing.push('no systemd-resolved');
  return missing.length === 0
    ? 'nss-myhostname and systemd-resolved are there, and still do not answer'
    : `There is ${missing.join(' and ')} on this system`;
}
