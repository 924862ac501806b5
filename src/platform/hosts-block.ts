/** Lines of our own in the hosts file, as a step. Planning changes nothing. It must not know what the names lead to. */

import type { MachineStep } from '../core/trust.ts';

export interface HostsBlock {
  plan(wish: HostsWish): MachineStep;
}

export interface HostsWish {
  /** Names the block: what stands in it is replaced. `[a-z0-9-]+` */
  readonly label: string;
  /** Exact host names; each leads to 127.0.0.1 and ::1. */
  readonly names: readonly string[];
  readonly undo: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export function noHostsBlock(why: string, fix: string): HostsBlock {
  return { plan: () => ({ name: 'hosts file', path: '', state: 'impossible', why, fix, acts: [] }) };
}
