/** Whose command ends a listener for good: that of its container or of its systemd unit. Pure; it runs nothing. */

import type { ContainerRef, ListenerDocument, UnitRef } from '../../core/inspection.ts';
import type { ProcessDescription } from '../../platform/facts.ts';

export type Managed =
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly what: string }
  | { readonly kind: 'refused'; readonly why: string; readonly fix: string | null };

const STOPPERS: Readonly<Partial<Record<ContainerRef['runtime'], string>>> = {
  docker: 'docker',
  podman: 'podman',
  containerd: 'nerdctl',
};

/** As `docker ps` shows it. */
const SHORT_ID = 12;

export function stopContainer(container: ContainerRef, port: number, unnamed: string | null): Managed {
  const { runtime, name, id } = container;
  const stopper = STOPPERS[runtime];
  // A container of the same name may run where the person's Docker context leads to; an id is never there too.
  const which = id?.slice(0, SHORT_ID) ?? name;
  if (stopper === undefined) {
    const kind = runtime === 'unknown' ? 'a container' : `a container of ${runtime}`;
    const called = which === null ? '' : ` (${name ?? which})`;
    return {
      kind: 'refused',
      why: `it runs in ${kind}${called}, whose manager would start it again`,
      fix: runtime === 'kubernetes' ? 'kubectl get pods --all-namespaces' : null,
    };
  }
  if (which === null)
    return {
      kind: 'refused',
      why: `it belongs to a container that ${stopper} does not name${unnamed === null ? '' : ` (${unnamed})`}`,
      fix: `${stopper} ps --filter publish=${port}`,
    };
  return { kind: 'command', argv: [stopper, 'stop', which], what: `the container ${name ?? which}` };
}

/** `user`: of the process, whose own manager a user's unit belongs to. */
export function stopUnit(unit: UnitRef, listener: ListenerDocument, caller: UnitCaller): Managed {
  const units = [unit.name, ...(unit.socket ? startedBy(unit.name, listener) : [])];
  const whose = whoseManager(unit, caller);
  const argv = ['systemctl', ...whose, 'stop', ...units];
  const what = `the unit ${unit.name}`;
  if (unit.manager === 'system' && !caller.isRoot)
    return {
      kind: 'refused',
      why: `it belongs to ${what} of the system`,
      fix: ['sudo', ...argv].join(' '),
    };
  return { kind: 'command', argv, what };
}

export interface UnitCaller {
  readonly isRoot: boolean;
  readonly user: string;
  /** Of the listener's process. */
  readonly owner: string;
}

function whoseManager(unit: UnitRef, { user, owner }: UnitCaller): readonly string[] {
  if (unit.manager === 'system') return [];
  // systemctl(1): a user's manager is reached from another user as that of the machine `.host`.
  return user === owner ? ['--user'] : ['--user', `--machine=${owner}@.host`];
}

/** The service goes on with the socket that it was handed when only the socket unit stops. */
function startedBy(socketUnit: string, { owners }: ListenerDocument): readonly string[] {
  return owners.some(({ pid }) => pid !== 1) ? [socketUnit.replace(/\.socket$/, '.service')] : [];
}

/** Sessions of people and runners of other programs: what runs in them is not theirs. */
const NOT_A_REASON = /^(?:user@.*|sshd?|sshd?@.*|docker|containerd|podman|crond?|init)\.service$/;

/**
 * Whether the process is the unit's own: started by systemd, or in the session of what systemd started. Other processes are in the
 * unit's control group too: all that somebody started in a terminal below it.
 */
export function isOfUnit(
  unit: UnitRef,
  root: ProcessDescription,
  processOf: (pid: number) => ProcessDescription | null,
): boolean {
  if (unit.socket && root.pid === 1) return true;
  if (NOT_A_REASON.test(unit.name)) return false;
  const isManager = (pid: number): boolean => pid === 1 || processOf(pid)?.name === 'systemd';
  if (isManager(root.parent)) return true;
  const leader = processOf(root.session);
  return leader !== null && leader.pid !== 1 && isManager(leader.parent);
}
