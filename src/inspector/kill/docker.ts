/** The container behind a published port: docker-proxy tells the port, Docker the name. It must not stop anything. */

import type { ContainerRef, ListenerDocument, Transport } from '../../core/inspection.ts';
import type { Ended } from '../../platform/children.ts';
import type { Platform } from '../../platform/platform.ts';
import { containerOf } from '../ports/container.ts';

export type Run = (argv: readonly string[], withinMs: number) => Promise<Ended>;

const PATIENCE_MS = 5000;

/** The listener with its container, named where its manager names it. */
export async function withContainer(
  platform: Platform,
  run: Run,
  listener: ListenerDocument,
): Promise<ListenerDocument> {
  const container = listener.container ?? (listener.ownerVisible ? null : proxyOf(platform, listener));
  if (container === null || container.name !== null || container.id !== null)
    return { ...listener, container };
  const { runtime } = container;
  if (runtime !== 'docker' && runtime !== 'podman') return { ...listener, container };
  const name = await publisherOf(run, runtime, listener.port, listener.protocol);
  return { ...listener, container: { ...container, name } };
}

/** Root's proxy shows its command to everybody, though not its sockets. */
function proxyOf(platform: Platform, listener: ListenerDocument): ContainerRef | null {
  for (const pid of platform.processes(0).keys()) {
    const command = platform.details(pid)?.command ?? [];
    if (!isProxyOf(command, listener)) continue;
    const process = platform.describeProcess(pid);
    if (process !== null) return containerOf([process]);
  }
  return null;
}

export function isProxyOf(command: readonly string[], listener: ListenerDocument): boolean {
  if (command[0]?.split('/').pop() !== 'docker-proxy') return false;
  const value = (flag: string): string | undefined => command[command.indexOf(flag) + 1];
  return (
    value('-proto') === listener.protocol &&
    value('-host-ip') === listener.address &&
    value('-host-port') === String(listener.port)
  );
}

/** Null: it does not answer, or several containers publish the port on several addresses. */
async function publisherOf(
  run: Run,
  program: string,
  port: number,
  protocol: Transport,
): Promise<string | null> {
  const filter = `publish=${port}/${protocol}`;
  const { code, stdout } = await run(
    [program, 'ps', '--filter', filter, '--format', '{{.Names}}'],
    PATIENCE_MS,
  );
  const names = stdout.split('\n').filter((line) => line.trim() !== '');
  return code === 0 && names.length === 1 ? (names[0]?.trim() ?? null) : null;
}
