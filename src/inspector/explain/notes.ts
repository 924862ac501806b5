/** What is worth knowing beside the facts: traps that people fall into. Pure. */

import { contains, type Ip, parseBlock, parseIp } from '../../core/ip.ts';
import { type Findings, holderWords } from './answer.ts';
import { isLocalhostName } from './special-names.ts';

export function notesOf(findings: Findings): readonly string[] {
  return [
    ...addressNotes(findings),
    ...nameNotes(findings),
    ...besideNotes(findings),
    ...familyNotes(findings),
    ...portNotes(findings),
  ];
}

/** Where the addresses of services come from (`core/leases.ts`). */
const OURS = parseBlock('127.64.0.0/10');

function addressNotes({ addresses, services, listeners }: Findings): readonly string[] {
  const notes: string[] = [];
  if (addresses.some(({ kind }) => kind === 'unspecified'))
    notes.push('to connect, write 127.0.0.1 or ::1: systems differ in where a wildcard leads');
  for (const { address, family, kind, local } of addresses)
    if (kind === 'loopback' && !local)
      notes.push(
        `${address} cannot be used on this machine${family === 6 ? ', which does without IPv6' : ''}`,
      );
  const [first] = addresses;
  const isLink = listeners.some(({ gateway }) => gateway !== undefined);
  if (
    services.length === 0 &&
    !isLink &&
    first !== undefined &&
    isOurs(parseIp(first.mapped ?? first.address))
  )
    notes.push(
      'Loopyard gives services addresses out of 127.64.0.0/10; no service that is known has this one',
    );
  return notes;
}

function isOurs(ip: Ip | null): boolean {
  return ip !== null && OURS !== null && contains(OURS, ip);
}

/** `localhost` of one family alone is legal, and a frequent surprise. */
function nameNotes({ name, addresses }: Findings): readonly string[] {
  if (name === null || !isLocalhostName(name.name)) return [];
  const families = new Set(addresses.map(({ family }) => family));
  if (families.size !== 1) return [];
  const [there, missing] = families.has(4) ? ['IPv4', '::1'] : ['IPv6', '127.0.0.1'];
  return [
    `it leads to ${there} alone here: a server that listens on ${missing} only is not found by this name`,
  ];
}

function besideNotes({ listeners, beside }: Findings): readonly string[] {
  if (listeners.length > 0) return [];
  return beside.map(
    (one) => `on the same port ${holderWords(one)} listens at ${one.address}, which is another place`,
  );
}

function familyNotes({ name, addresses, port, listeners }: Findings): readonly string[] {
  const families = new Set(addresses.map(({ family }) => family));
  if (name === null || port === null || listeners.length === 0 || families.size < 2) return [];
  const answered = (family: 4 | 6): boolean =>
    listeners.some((one) => one.family === family || one.address === '::');
  if (answered(4) && answered(6)) return [];
  const silent = answered(4) ? 'IPv6' : 'IPv4';
  return [`nothing listens there over ${silent}: a client that tries only ${silent} is refused`];
}

function portNotes({ port }: Findings): readonly string[] {
  return port?.blockedByBrowsers === true
    ? [
        'browsers refuse to open this port (ERR_UNSAFE_PORT): choose another for anything that a page is to reach',
      ]
    : [];
}
