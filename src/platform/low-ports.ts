/** Leave to listen on ports 80 and 443 without being root, as a step. Planning changes nothing. It must not know who wants them. */

import type { MachineStep } from '../core/trust.ts';

export interface LowPorts {
  plan(wish: LowPortsWish): MachineStep;
}

export interface LowPortsWish {
  readonly undo: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** For systems where every user may listen on every port, or where nothing of the kind is known. */
export function fixedLowPorts(state: 'done' | 'impossible', why: string, fix: string | null): LowPorts {
  return { plan: () => ({ name: 'ports 80 and 443', path: '', state, why, fix, acts: [] }) };
}
