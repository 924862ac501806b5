/** The answer of `lo why` in one line, and the words for holders and refusals. Pure; it must not print. */

import type { BindAddress, ListenerDocument, WhyReport } from '../../core/inspection.ts';
import { gatewayWords } from './ports-words.ts';

/** Refused because this machine lacks the address or the family: nobody holds it. */
const NOT_HERE: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EPROTONOSUPPORT']);

const FORBIDDEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** Some server would be refused. */
export function isTaken({ refusals }: WhyReport): boolean {
  return Object.values(refusals).some((code) => !NOT_HERE.has(code));
}

/** `Port 3000 is held by node (pid 4711), started by npm in ~/shop, from VS Code.` */
export function answerLine(report: WhyReport): string {
  const tcp = report.listeners.filter(({ protocol }) => protocol === 'tcp');
  const holders = unique(tcp);
  const [first] = holders;
  if (first === undefined) return `${withoutListener(report)}${udpClause(report)}`;
  if (holders.length > 1)
    return `Port ${report.port} is held by ${holders.length} programs: ${namesText(holders)}.`;
  const [owner] = first.owners;
  return `Port ${report.port} is held by ${holderText(first)}${owner === undefined ? '' : `, ${owner.origin}`}.`;
}

const MOST_NAMES = 4;

function namesText(holders: readonly ListenerDocument[]): string {
  const names = holders.map(holderText);
  const last = names.length > MOST_NAMES ? `${names.length - MOST_NAMES + 1} more` : (names.at(-1) ?? '');
  return `${names.slice(0, Math.min(names.length, MOST_NAMES) - 1).join(', ')} and ${last}`;
}

/** One listener for each eldest holder; those that nobody sees count as one for each user. */
function unique(listeners: readonly ListenerDocument[]): readonly ListenerDocument[] {
  const known = new Map<string, ListenerDocument>();
  for (const listener of listeners) {
    const key = String(listener.owners[0]?.pid ?? `user ${listener.user}`);
    if (!known.has(key)) known.set(key, listener);
  }
  return [...known.values()];
}

function withoutListener(report: WhyReport): string {
  const codes = Object.values(report.refusals).filter((code) => !NOT_HERE.has(code));
  if (codes.length === 0) return `Port ${report.port} is free.`;
  if (codes.every((code) => FORBIDDEN.has(code)))
    return `Nothing listens on port ${report.port}, but this user may not take it.`;
  const [cause] = report.causes.flatMap(({ code, pid }) => {
    const words = WITHOUT_LISTENER[code];
    return words === undefined ? [] : [pid === null ? words : `${words} of pid ${pid}`];
  });
  if (cause === undefined) return `Port ${report.port} is taken; by whom could not be seen.`;
  return `Port ${report.port} is taken by ${cause}, although nothing listens on it.`;
}

/** What holds a port without a listener, by the code of its cause. */
const WITHOUT_LISTENER: Readonly<Record<string, string>> = {
  SELF_CONNECTED: 'a socket connected to itself',
  EPHEMERAL_CONNECTION: 'an outgoing connection',
  LEFT_CONNECTION: 'connections that outlive their listener',
  TIME_WAIT: 'closed connections in TIME_WAIT',
  BOUND_NOT_LISTENING: 'a bound socket',
};

function udpClause({ listeners }: WhyReport): string {
  const udp = unique(listeners.filter(({ protocol }) => protocol === 'udp'));
  if (udp.length === 0) return '';
  return ` Its namesake of UDP, which is no obstacle, is held by ${udp.map(holderText).join(' and ')}.`;
}

/** `node (pid 4711)`, `service api of shop (pid 4711)`. */
function holderText({ owners, service, user, gateway }: ListenerDocument): string {
  const [owner] = owners;
  if (owner === undefined) return `a process of ${user} that cannot be seen from here`;
  if (gateway !== undefined) return `${gatewayWords(gateway)} (pid ${owner.pid})`;
  const name = service === null ? owner.name : `service ${service.name} of ${service.project}`;
  return `${name} (pid ${owner.pid})`;
}

const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'no: in use',
  EACCES: 'no: not allowed',
  EPERM: 'no: not allowed',
  EADDRNOTAVAIL: 'no: no such address here',
  EAFNOSUPPORT: 'no: no such family here',
};

export function bindText(report: WhyReport, address: BindAddress): string {
  if (report.bindable[address]) return 'yes';
  const code = report.refusals[address] ?? '';
  return REFUSALS[code] ?? `no: ${code}`;
}

/** Listeners that take connections to it; `::` only where nothing can be had beside it. */
const TAKERS: Readonly<Record<'127.0.0.1' | '::1', readonly string[]>> = {
  '127.0.0.1': ['127.0.0.1', '::ffff:127.0.0.1', '0.0.0.0', '::'],
  '::1': ['::1', '::'],
};

/** Who takes a connection to one of these, when `pid` is what the report says. */
export function reachedText(
  report: WhyReport,
  pid: number | null,
  addresses: readonly ('127.0.0.1' | '::1')[],
): string {
  if (pid !== null) {
    const listener = report.listeners.find(({ owners }) => owners.some((owner) => owner.pid === pid));
    return listener === undefined ? `pid ${pid}` : holderText(listener);
  }
  const takers = addresses
    .filter((address) => !report.bindable[address])
    .flatMap((address) => TAKERS[address]);
  const hidden = report.listeners.find(
    ({ protocol, owners, address }) => protocol === 'tcp' && owners.length === 0 && takers.includes(address),
  );
  return hidden === undefined ? 'nobody' : holderText(hidden);
}
