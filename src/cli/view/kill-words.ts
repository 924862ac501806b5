/** What `lo kill` says: of a step before it is done, and of what came of it. Pure. */

import type { KillReport, KillStep, ListenerDocument, OwnerDocument } from '../../core/inspection.ts';

/** The step in a line. */
export function stepText(step: KillStep): string {
  switch (step.kind) {
    case 'process':
      return `end ${ownerText(step.owner)}`;
    case 'service': {
      const { name, project, environment } = step.service;
      return `stop the service ${name} of ${project} in ${environment.path}`;
    }
    case 'manager':
      return `run \`${step.argv.join(' ')}\` to stop ${step.what}`;
    case 'refused':
      return `leave it: ${step.why}`;
  }
}

/** Why it runs and what goes with it, one in a line. */
export function stepDetails(step: KillStep): readonly string[] {
  const owners = new Map(step.listeners.flatMap((one) => one.owners).map((owner) => [owner.pid, owner]));
  const [first] = step.kind === 'process' ? [step.owner] : owners.values();
  const lines = [`listens on ${placesText(step.listeners)}`];
  if (first !== undefined) {
    const who = step.kind === 'process' ? '' : `${ownerText(first)}, `;
    lines.push(`${who}${first.origin}${first.user === null ? '' : `, as ${first.user}`}`);
    lines.push(`runs \`${cut(first.command.join(' ') || first.name)}\``);
  }
  if (step.kind === 'process' && step.members.length > 0) {
    const names = step.members.map(({ name, pid }) => `${name} (pid ${pid})`);
    lines.push(`with it ${listText(names)} hold${names.length === 1 ? 's' : ''} the same socket`);
  }
  if (step.kind === 'refused' && step.fix !== null) lines.push(`fix: ${step.fix}`);
  return lines;
}

/** `node (pid 4711), the service api and the port 5173` … for the question. */
export function whatText(steps: readonly KillStep[]): string {
  const names = steps.flatMap((step): readonly string[] => {
    if (step.kind === 'process') return [ownerText(step.owner)];
    if (step.kind === 'service') return [`the service ${step.service.name}`];
    return step.kind === 'manager' ? [step.what] : [];
  });
  return listText(names);
}

/** How each process ended, and what became of the port. */
export function endedText({ ended, steps, port, free }: KillReport): string {
  const byWay = (way: KillReport['ended'][number]['by']): readonly string[] =>
    ended.filter(({ by }) => by === way).map(({ pid }) => nameOf(pid, steps));
  const ways = [
    wayText(byWay('TERM'), 'ended when asked'),
    wayText(byWay('KILL'), 'had to be killed'),
    wayText(byWay('manager'), 'ended'),
    wayText(byWay('supervisor'), 'was stopped'),
  ].filter((text) => text !== '');
  const state = `port ${port} is ${free ? 'free' : 'still taken'}`;
  if (ways.length === 0) return free ? state : `nothing ended; ${state}`;
  return `${ways.join('; ')}; ${state}`;
}

export function respawnText({ port, respawned, respawner }: KillReport): string | null {
  if (respawned === null) return null;
  const now = `${ownerText(respawned)} listens on port ${port} again`;
  if (respawner === null) return `${now}: ${respawned.origin}`;
  const who = respawner.pid === null ? respawner.name : `${respawner.name} (pid ${respawner.pid})`;
  return `${now}: ${who} started it`;
}

export function listText(all: readonly string[]): string {
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

function wayText(names: readonly string[], how: string): string {
  return names.length === 0 ? '' : `${listText(names)} ${how}`;
}

function nameOf(pid: number, steps: readonly KillStep[]): string {
  const owners = steps.flatMap(({ listeners }) => listeners.flatMap(({ owners }) => owners));
  const owner = owners.find((one) => one.pid === pid);
  return owner === undefined ? `pid ${pid}` : ownerText(owner);
}

function ownerText({ name, pid }: Pick<OwnerDocument, 'name' | 'pid'>): string {
  return `${name} (pid ${pid})`;
}

const LONGEST_COMMAND = 200;

function cut(command: string): string {
  return command.length <= LONGEST_COMMAND ? command : `${command.slice(0, LONGEST_COMMAND)}...`;
}

function placesText(listeners: readonly ListenerDocument[]): string {
  const places = listeners.map(({ address, port, protocol }) => {
    const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    return protocol === 'udp' ? `${place} (UDP)` : place;
  });
  return listText([...new Set(places)]);
}
