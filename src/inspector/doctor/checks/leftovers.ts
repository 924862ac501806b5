/** What crashed or deleted environments left behind: state without a checkout, programs without a daemon, a socket that nobody serves. */

import { type Check, count, type DoctorFacts, type Finding, together, unknown, warn } from '../check.ts';
import type { KnownEnvironment } from '../own.ts';

export const leftovers: Check = {
  id: 'leftovers',
  title: 'Leftovers',
  group: 'state',
  async examine(facts) {
    const [environments, daemon] = await Promise.all([facts.own.environments(), facts.own.daemon()]);
    const problems = [...gone(environments), ...unreadable(environments)];
    if (daemon.state === 'absent') problems.push(...orphans(environments), ...(await staleSocket(facts)));
    return together(problems, 'none');
  },
};

function gone(environments: readonly KnownEnvironment[]): readonly Finding[] {
  const lost = environments.filter(({ exists, unreadable }) => !exists && unreadable === null);
  const idle = lost.filter(({ alive }) => alive.length === 0);
  const busy = lost.filter(({ alive }) => alive.length > 0);
  const problems: Finding[] = [];
  if (idle.length > 0) {
    const names = idle.map(({ name, checkout }) => `${name} (${checkout})`).join(', ');
    problems.push(warn(`${count(idle.length, 'environment')} without a checkout: ${names}`, 'lo clean'));
  }
  for (const { id, name, alive } of busy) {
    const text = `${name} has no checkout any more, and ${count(alive.length, 'service')} of it run`;
    problems.push(warn(text, `lo down --environment ${id} && lo clean`));
  }
  return problems;
}

function unreadable(environments: readonly KnownEnvironment[]): readonly Finding[] {
  return environments.flatMap(({ id, unreadable }) =>
    unreadable === null ? [] : [unknown(`the state of ${id} cannot be read: ${unreadable}`)],
  );
}

/** Programs that live while no daemon does: the next one adopts them. */
function orphans(environments: readonly KnownEnvironment[]): readonly Finding[] {
  const running = environments.filter(({ alive, exists }) => exists && alive.length > 0);
  const services = running.reduce((sum, { alive }) => sum + alive.length, 0);
  if (services === 0) return [];
  const words = running.map(({ name, alive }) => `${name} (pid ${alive.map(({ pid }) => pid).join(', ')})`);
  return [
    warn(
      `no daemon runs, but ${count(services, 'service')} of ${words.join(', ')} do; the next command adopts them`,
      'lo ls',
    ),
  ];
}

async function staleSocket({ health, own }: DoctorFacts): Promise<readonly Finding[]> {
  const { socket } = own.place();
  const answer = await health.ask(socket, false);
  if (answer.state !== 'refused') return [];
  return [
    warn(
      `nobody serves ${socket} (${answer.code}): its daemon was killed; the next one replaces it`,
      'lo ls',
    ),
  ];
}
