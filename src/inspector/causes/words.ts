/** How causes name things: places, holders, commands that can be pasted. Pure. */

import type { ListenerDocument, OwnerDocument } from '../../core/inspection.ts';
import { outcomeOf } from '../why/trials.ts';
import type { Situation, Trial } from './cause.ts';

/** `127.0.0.1:3000`, `[::1]:3000`. */
export function placeText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `node (pid 4711)` */
export function ownerText({ name, pid }: OwnerDocument): string {
  return `${name} (pid ${pid})`;
}

/** The eldest holder; of a socket whose holders are not seen, its user. */
export function holderText(listener: ListenerDocument): string {
  const [owner] = listener.owners;
  return owner === undefined ? `a process of ${listener.user} that is not seen from here` : ownerText(owner);
}

/** `a, b and c` */
export function listText(all: readonly string[], last = 'and'): string {
  const unique = [...new Set(all)];
  if (unique.length < 2) return unique.join('');
  return `${unique.slice(0, -1).join(', ')} ${last} ${unique.at(-1)}`;
}

/** What a process is and where it comes from: a line of evidence. */
export function ownerEvidence(owner: OwnerDocument): string {
  const user = owner.user === null ? '' : ` as ${owner.user}`;
  return `pid ${owner.pid} runs \`${commandText(owner)}\`${user}, ${owner.origin}`;
}

const LONGEST = 120;

/** As a shell would take it; long ones are cut. */
function commandText({ command, name }: Pick<OwnerDocument, 'command' | 'name'>): string {
  const text = command.length === 0 ? name : command.map(quote).join(' ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

/** For a POSIX shell. */
export function quote(word: string): string {
  return /^[\w%+,./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** sudo(8) sets a PATH of its own, in which `lo` and Node may not be. */
export function rootCommand(port: number): string {
  return `sudo env "PATH=$PATH" lo why ${port}`;
}

/** For a POSIX shell: comes back when the port can be bound. Closed connections may keep it for a minute. */
export function waitCommand(port: number): string {
  return `lo wait ${port} --free --timeout 90s`;
}

/** Addresses of one place that a server could have now. */
export function freeAddresses({ trials }: Pick<Situation, 'trials'>): readonly string[] {
  const specific: readonly string[] = ['127.0.0.1', '::1', '127.0.0.2'];
  return specific.filter((address) => outcomeOf(trials, address as Trial['address']) === true);
}

/** `tried just now: in use for 127.0.0.1, 0.0.0.0; free for ::1` */
export function bindEvidence({ trials }: Pick<Situation, 'trials'>): string {
  const groups = new Map<string, string[]>();
  for (const { address, ipv6Only, answer } of trials) {
    const outcome = answer.bindable ? 'free' : answer.code === 'EADDRINUSE' ? 'in use' : answer.code;
    const asks = groups.get(outcome) ?? [];
    groups.set(outcome, [...asks, ipv6Only ? `${address} (IPv6 only)` : address]);
  }
  return `tried just now: ${[...groups].map(([outcome, asks]) => `${outcome} for ${asks.join(', ')}`).join('; ')}`;
}
