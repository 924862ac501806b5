/**
 * The systemd unit that a listener belongs to, from the control group of its owner (systemd.resource-control(5)). A scope is none:
 * it only groups what somebody started otherwise. Pure.
 */

import type { UnitRef } from '../../core/inspection.ts';
import type { ProcessDescription } from '../../platform/facts.ts';

export function unitOf(processes: readonly Pick<ProcessDescription, 'cgroup'>[]): UnitRef | null {
  for (const { cgroup } of processes) {
    const name = unitPart(cgroup, '.service');
    // The manager of a user is a service too, and what lies below it are its own units.
    if (cgroup === null || name === null || /^user@\d+\.service$/.test(name)) continue;
    return { name, manager: /\/user@\d+\.service\//.test(cgroup) ? 'user' : 'system', socket: false };
  }
  return null;
}

/** The innermost unit of a path, when it is of that kind; what a service makes below itself is no unit. */
export function unitPart(cgroup: string | null, kind: '.service' | '.scope'): string | null {
  const unit = cgroup?.split('/').findLast((part) => /.\.(?:service|scope|socket|mount|swap)$/.test(part));
  return unit?.endsWith(kind) === true ? unit : null;
}
