/** EXP-04: whether a firewall stands before what listens on networks. Rules that may not be read are unknown, never safe. */

import type { MachineCheck } from '../check.ts';
import type { FirewallFact, MachineFacts } from '../facts.ts';
import { isReachableFromNetwork } from '../target.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

const ABOUT = 'this machine';

export const exp04: MachineCheck = {
  id: 'EXP-04',
  title: 'No firewall stands before what listens on networks',
  about: 'machine',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: false,
  references: ['CWE-1327', 'lynis FIRE-4512', 'lynis FIRE-4590'],
  requests: 0,
  fix: 'turn one on that refuses what comes in: `sudo ufw default deny incoming && sudo ufw enable` (allow ssh first where you are logged in by it)',
  probe: 'Reads the settings of ufw, and the rules of nft, iptables and firewalld as far as this user may.',
  rule: 'Vulnerable when something listens on networks, and every firewall that is here is off or lets everything in. Safe when one refuses incoming connections by default. Unknown when rules may not be read.',
  examine: async ({ facts, targets }) => {
    const open = targets.filter(isReachableFromNetwork);
    if (open.length === 0)
      return [{ about: ABOUT, outcome: notApplicable('nothing that was looked at listens on networks') }];
    return [
      {
        about: ABOUT,
        outcome: judge(
          await facts.firewalls(),
          open.map(({ name }) => name),
        ),
      },
    ];
  },
};

function judge(firewalls: readonly FirewallFact[], open: readonly string[]): Outcome {
  const closed = firewalls.find(({ refusesIncoming }) => refusesIncoming === true);
  if (closed !== undefined) return safe(`${closed.name} refuses incoming connections by default`);
  const unknown = firewalls.find(({ refusesIncoming }) => refusesIncoming === null);
  if (firewalls.length === 0)
    return inconclusive('no program is here that could tell (nft, iptables, ufw, firewalld)');
  if (unknown !== undefined)
    return inconclusive(
      `whether ${unknown.name} refuses incoming connections cannot be told${unknown.why === null ? '' : `: ${unknown.why}`}`,
    );
  return vulnerable('proven', [
    firewalls
      .map(({ name, state }) =>
        state === 'off' ? `${name} is off` : `${name} lets everything in by default`,
      )
      .join(', '),
    `reached from networks: ${open.join(', ')}`,
  ]);
}

/** For other checks: true only where a firewall is known to refuse. */
export async function isFirewalled(facts: MachineFacts): Promise<boolean> {
  return (await facts.firewalls()).some(({ refusesIncoming }) => refusesIncoming === true);
}
