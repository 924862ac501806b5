/** The container that a listener belongs to. Pure. */

import type { ContainerRef } from '../../core/inspection.ts';
import type { ProcessDescription } from '../../platform/facts.ts';

export function containerOf(processes: readonly ProcessDescription[]): ContainerRef | null {
  const proxy = processes.find(({ command }) => command[0]?.split('/').pop() === 'docker-proxy');
  if (proxy === undefined) return null;
  const value = (flag: string): string | undefined => proxy.command[proxy.command.indexOf(flag) + 1];
  return {
    runtime: 'docker',
    id: null,
    name: null,
    target: { address: value('-container-ip') ?? '', port: Number(value('-container-port')) },
  };
}
