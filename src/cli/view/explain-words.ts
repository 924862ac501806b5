/** The words of `lo explain` for addresses, ports and listeners. Pure; it must not print. */

import type { AddressFacts, ExplainReport, ListenerDocument, PortFacts } from '../../core/inspection.ts';
import { gatewayWords } from './ports-words.ts';

export function nameWords({ name, addresses, source }: NonNullable<ExplainReport['name']>): string {
  return addresses.length === 0
    ? `${name}: ${source}`
    : `${name} is ${addresses.join(', then ')} (${source})`;
}

export function addressWords(facts: AddressFacts): string {
  const { address, text, source, local } = facts;
  const where = facts.interface === null ? '' : `, on ${facts.interface}`;
  const whose = local ? where : `${where}; not of this machine`;
  return `${address} is ${text}${source === null ? '' : ` (${source})`}${whose}`;
}

const RANGES: Readonly<Record<PortFacts['range'], string>> = {
  system: 'a system port (0-1023, RFC 6335)',
  user: 'a user port (1024-49151, RFC 6335)',
  dynamic: 'a dynamic port (49152-65535, RFC 6335)',
};

/** One line for each kind of fact. `isHere`: it is a port of this machine. */
export function portLines(port: PortFacts, isHere: boolean): readonly string[] {
  const lines = [`${port.port} is ${RANGES[port.range]}; ${registeredWords(port)}`];
  if (port.customary !== null) lines.push(`by custom: ${port.customary}`);
  if (!isHere) return lines;
  if (port.privileged) lines.push('only root, or a program with CAP_NET_BIND_SERVICE, may listen there');
  if (port.reserved) lines.push('it is reserved on this machine: outgoing connections are not given it');
  if (port.ephemeral)
    lines.push('this machine may give it to any outgoing connection, which then keeps servers away');
  return lines;
}

function registeredWords({ registered, registryDate, range }: PortFacts): string {
  const { tcp, udp } = registered;
  if (range === 'dynamic') return 'no service can be registered for it';
  const from = `(IANA, ${registryDate})`;
  if (tcp === null && udp === null) return `no service is registered for it ${from}`;
  const same = tcp !== null && udp !== null && tcp.name === udp.name;
  const names = same
    ? [entryWords(tcp)]
    : [overWords(tcp, 'TCP'), overWords(udp, 'UDP')].filter((one) => one !== null);
  return `registered for ${names.join(' and for ')} ${from}`;
}

type Entry = PortFacts['registered']['tcp'];

function overWords(entry: Entry, transport: string): string | null {
  return entry === null ? null : `${entryWords(entry)} over ${transport}`;
}

function entryWords({ name, text }: NonNullable<Entry>): string {
  return text === '' ? name : `${name}: ${text}`;
}

/** `127.0.0.1:3000 node (pid 812), started by npm in ~/shop` */
export function listenerWords(listener: ListenerDocument): string {
  const { address, port, protocol, family, owners, hidden, service, user, gateway } = listener;
  const place = `${family === 6 ? `[${address}]` : address}:${port}${protocol === 'udp' ? '/udp' : ''}`;
  const whose =
    gateway !== undefined
      ? `${gatewayWords(gateway)}: `
      : service === null
        ? ''
        : `service ${service.name} of ${service.environment.name}: `;
  const [owner] = owners;
  if (owner === undefined)
    return `${place} ${whose}a program of ${user}: ${hidden ?? 'its process is not seen'}`;
  const others = owners.length > 1 ? ` and ${owners.length - 1} more` : '';
  return `${place} ${whose}${owner.name} (pid ${owner.pid}${others}), ${owner.origin}`;
}
