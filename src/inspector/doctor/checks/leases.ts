/** Blocks of addresses: which environments hold them, what daemons claim on this machine, and whether two hold the same. */

import { BLOCK_COUNT, blockPrefix } from '../../../core/leases.ts';
import type { ClaimFacts } from '../../../platform/health.ts';
import { type Check, count, type Finding, quoted, together, unknown, warn } from '../check.ts';
import type { DaemonAnswer, KnownEnvironment } from '../own.ts';

/** So few blocks left are worth a word. */
const FEW = 1000;

export const leases: Check = {
  id: 'leases',
  title: 'Leases',
  group: 'state',
  async examine({ health, own }) {
    const [environments, daemon] = await Promise.all([own.environments(), own.daemon()]);
    const claims = health.claims();
    const held = environments.reduce((sum, { blocks }) => sum + blocks.length, 0);
    const good = `${count(held, 'block')} held by ${count(environments.length, 'environment')}`;
    const twice = doubled(environments);
    if (claims === null)
      return together([...twice, unknown('the claims on this machine cannot be read')], good);
    const blocks = claims.filter(({ name }) => name.startsWith('block-'));
    const left = BLOCK_COUNT - blocks.length;
    const full =
      left >= FEW ? [] : [warn(`only ${left} of ${BLOCK_COUNT} blocks are free on this machine`, 'lo clean')];
    return together(
      [...twice, ...unclaimed(environments, blocks, daemon), ...full],
      `${good}; daemons on this machine claim ${count(blocks.length, 'block')}`,
    );
  },
};

/** In the state of one home; that two daemons hold the same is kept off by claims. */
function doubled(environments: readonly KnownEnvironment[]): readonly Finding[] {
  const holder = new Map<number, KnownEnvironment>();
  const problems: Finding[] = [];
  for (const environment of environments) {
    for (const block of environment.blocks) {
      const first = holder.get(block);
      if (first === undefined) {
        holder.set(block, environment);
        continue;
      }
      problems.push(
        warn(
          `${first.name} and ${environment.name} both hold ${blockPrefix(block)}.0/24: services of the two collide`,
          elsewhere(environment),
        ),
      );
    }
  }
  return problems;
}

/** A daemon claims the blocks of all its environments: one that it does not hold belongs to somebody else by now. */
function unclaimed(
  environments: readonly KnownEnvironment[],
  claims: readonly ClaimFacts[],
  daemon: DaemonAnswer,
): readonly Finding[] {
  if (daemon.state !== 'answers' || !daemon.sameNamespaces) return [];
  const byName = new Map(claims.map((claim) => [claim.name, claim]));
  return environments.flatMap((environment) =>
    environment.blocks.flatMap((block) => {
      const claim = byName.get(`block-${block}`);
      // Holders of other users are not seen: nobody seen is not somebody else.
      if (claim === undefined || claim.pids.length === 0 || claim.pids.includes(daemon.pid)) return [];
      const text = `${blockPrefix(block)}.0/24, which ${environment.name} holds, is claimed by another daemon (pid ${claim.pids.join(', ')})`;
      return [warn(text, elsewhere(environment))];
    }),
  );
}

/** What is stopped and started again is given another block when its own is claimed. */
function elsewhere({ checkout, id }: KnownEnvironment): string {
  const directory = checkout.replace(/\/[^/]+\.ya?ml$/, '');
  return `lo down --environment ${id} && cd ${quoted(directory)} && lo up --detach`;
}
