/** Firewalls: which are on, and whether one stands between programs of this machine. */

import type { FirewallFacts } from '../../../platform/health.ts';
import { type Check, count, ok, unknown, warn } from '../check.ts';

export const firewall: Check = {
  id: 'firewall',
  title: 'Firewall',
  group: 'network',
  async examine({ health }) {
    const found = await health.firewall();
    if (found.length === 0)
      return unknown('no program is here that could tell (nft, iptables, ufw, firewalld)');
    const against = found.filter(({ againstLoopback }) => againstLoopback.length > 0);
    if (against.length > 0) {
      const rules = against.flatMap(({ name, againstLoopback }) =>
        againstLoopback.map((rule) => `${name}: ${rule}`),
      );
      return warn(
        `rules refuse traffic over the loopback interface, so local services may not be reached: ${rules.join('; ')}`,
        against.map(({ name }) => SHOW[name]).join('\n'),
      );
    }
    const words = found.map(wordsOf).join(', ');
    const hidden = found.filter(({ state }) => state === 'unreadable');
    if (hidden.length > 0) return unknown(words, hidden.map(({ name }) => SHOW[name]).join('\n'));
    return ok(`${words}; no rule is against the loopback interface`);
  },
};

/** Shows what this user was not shown. */
const SHOW: Readonly<Record<FirewallFacts['name'], string>> = {
  nft: 'sudo nft list ruleset',
  iptables: 'sudo iptables-save -t filter',
  ip6tables: 'sudo ip6tables-save -t filter',
  ufw: 'sudo ufw status verbose',
  firewalld: 'sudo firewall-cmd --list-all',
};

function wordsOf({ name, state, why, rules }: FirewallFacts): string {
  if (state === 'unreadable') return `${name} cannot be read: ${why}`;
  if (rules !== null) return `${name} has ${rules === 0 ? 'no rules' : count(rules, 'rule')}`;
  return `${name} is ${state}`;
}
