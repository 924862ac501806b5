/** Which of all that is seen was asked for. Pure. */

import type { PortsRequest } from '../../core/api.ts';
import type {
  ConnectionDocument,
  ListenerDocument,
  NamespaceDocument,
  UnixSocketDocument,
} from '../../core/inspection.ts';
import type { SocketFacts } from '../../platform/facts.ts';

/** Before anybody is asked who holds it. */
export function isSocketMeant({ local }: SocketFacts, { port }: PortsRequest): boolean {
  return port === undefined || local.port === port;
}

export function isListenerMeant(listener: ListenerDocument, { pid, name, scope }: PortsRequest): boolean {
  if (scope !== undefined && listener.scope !== scope) return false;
  if (pid !== undefined && !listener.owners.some((owner) => owner.pid === pid)) return false;
  if (name === undefined) return true;
  const { owners, service, container, unit } = listener;
  const words = owners.flatMap((owner) => [owner.name, ...owner.command]);
  return has([...words, service?.name, container?.name, unit?.name], name);
}

/** `namesOf`: what a process is called. */
export function isConnectionMeant(
  { pids }: ConnectionDocument,
  { pid, name, scope }: PortsRequest,
  namesOf: (pid: number) => readonly string[],
): boolean {
  // Who can reach it is no question for what is connected.
  if (scope !== undefined || (pid !== undefined && !pids.includes(pid))) return false;
  return name === undefined || has(pids.flatMap(namesOf), name);
}

export function isUnixSocketMeant(
  { path, pids }: UnixSocketDocument,
  { port, pid, name, scope }: PortsRequest,
  namesOf: (pid: number) => readonly string[],
): boolean {
  if (port !== undefined || scope !== undefined || (pid !== undefined && !pids.includes(pid))) return false;
  return name === undefined || has([path, ...pids.flatMap(namesOf)], name);
}

/** A namespace in which nothing fits is only news when nothing special was asked for. */
export function isNamespaceMeant({ listeners }: NamespaceDocument, request: PortsRequest): boolean {
  const { port, pid, name, scope } = request;
  const isAll = port === undefined && pid === undefined && name === undefined && scope === undefined;
  return isAll || listeners.length > 0;
}

function has(words: readonly (string | null | undefined)[], part: string): boolean {
  return words.some((word) => word?.includes(part) === true);
}
