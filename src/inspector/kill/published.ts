/** The container behind a published port, also where its forwarder belongs to root and shows no sockets. It must not stop anything. */

import type { ContainerRef, ListenerDocument } from '../../core/inspection.ts';
import type { Platform } from '../../platform/platform.ts';
import { containerOf } from '../ports/container.ts';
import { nameContainers } from '../ports/container-names.ts';

export interface WithContainers {
  readonly listeners: readonly ListenerDocument[];
  /** Why a container has no name; null: nobody was asked, or all have one. */
  readonly unnamed: string | null;
}

/** Managers on a busy machine do not always answer in time, and without a name nothing can be stopped. */
const ATTEMPTS = 2;

/** The listeners with their containers, named where the manager names them. */
export async function withContainers(
  platform: Platform,
  found: readonly ListenerDocument[],
): Promise<WithContainers> {
  const known = found.map((listener) =>
    listener.container !== null || listener.ownerVisible
      ? listener
      : { ...listener, container: proxyOf(platform, listener) },
  );
  for (let attempt = 1; ; attempt += 1) {
    const { listeners, unseen } = await nameContainers(platform, known);
    const [gap] = unseen;
    if (gap === undefined) return { listeners, unnamed: null };
    if (attempt === ATTEMPTS) return { listeners, unnamed: `${gap.what}: ${gap.why}` };
  }
}

/** Root's docker-proxy shows its command to everybody, though not its sockets. */
function proxyOf(platform: Platform, listener: ListenerDocument): ContainerRef | null {
  for (const pid of platform.processes(0).keys()) {
    const command = platform.details(pid)?.command ?? [];
    if (isProxyOf(command, listener)) return containerOf([{ command, cgroup: null }]);
  }
  return null;
}

/** Source: cmd/docker-proxy/main_linux.go of moby. */
export function isProxyOf(
  command: readonly string[],
  { protocol, address, port }: Pick<ListenerDocument, 'protocol' | 'address' | 'port'>,
): boolean {
  if (command[0]?.split('/').pop() !== 'docker-proxy') return false;
  const value = (flag: string): string | undefined => {
    const at = command.indexOf(flag);
    return at < 0 ? undefined : command[at + 1];
  };
  return (
    value('-proto') === protocol && value('-host-ip') === address && value('-host-port') === String(port)
  );
}
