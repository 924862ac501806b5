/** Whether a daemon sees the machine as this process does. It must not know what is looked at. */

import { readlinkSync } from 'node:fs';
import type { DaemonInfo } from '../core/status.ts';

/** False in a container, a sandbox or `ip netns exec`, which share the daemon's socket and neither its sockets nor its processes. */
export function seesTheSame({ namespaces }: Pick<DaemonInfo, 'namespaces'>): boolean {
  return namespaces.network === own('net') && namespaces.processes === own('pid');
}

function own(kind: 'net' | 'pid'): string | null {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    // A system without namespaces: the daemon has none either.
    return null;
  }
}
