/** The systemd unit that a listener belongs to, from the control group of its owner (systemd.resource-control(5)). Pure. */

import type { UnitRef } from '../../core/inspection.ts';
import type { ProcessDescription } from '../../platform/facts.ts';

export function unitOf(processes: readonly ProcessDescription[]): UnitRef | null {
  for (const { cgroup } of processes) {
    const name = cgroup?.split('/').findLast((part) => part.endsWith('.service'));
    if (cgroup !== null && name !== undefined)
      return { name, manager: cgroup.includes('/user.slice/') ? 'user' : 'system', socket: false };
  }
  return null;
}
