/**
 * The output of `netstat -anvlW` on macOS: every socket of every user, with the pid that made it. Pure. Its columns have changed
 * three times since macOS 10.14, so the heading tells where the pid stands.
 */

import type { Place, SocketState } from '../facts.ts';
import { type Parsed, socketState, type ToolRow, toolPlace } from '../tool-rows.ts';

/** `tcp46` is an IPv6 socket that takes IPv4 too. */
const ROW = /^(tcp|udp)(4|6|46)\s+\d+\s+\d+\s+(\S+)\s+(\S+)\s*(.*)$/;
const STATE = /^([A-Z][A-Z_\d]*)\s+(.*)$/;

/** Sockets without a local port are left out: nobody can reach them. */
export function parseNetstat(text: string): Parsed<ToolRow> {
  const rows: ToolRow[] = [];
  let malformed = 0;
  let pidOf = pidReader('');
  for (const line of text.split('\n')) {
    if (line.startsWith('Proto')) pidOf = pidReader(line);
    if (!/^(?:tcp|udp)/.test(line)) continue;
    const row = rowOf(line.trimEnd(), (rest) => pidOf(rest));
    if (row === null) malformed += 1;
    else if (row !== 'unbound') rows.push(row);
  }
  return { rows, malformed };
}

/** Finds the pid in what follows the state. */
type PidReader = (rest: string) => number | null;

function rowOf(line: string, pidOf: PidReader): ToolRow | 'unbound' | null {
  const [, protocol = '', version = '', near = '', far = '', rest = ''] = ROW.exec(line) ?? [];
  if (protocol !== 'tcp' && protocol !== 'udp') return null;
  const family = version === '4' ? 4 : 6;
  if (near.endsWith('.*')) return 'unbound';
  const local = placeOf(family, near);
  const remote = far.endsWith('.*') ? null : placeOf(family, far);
  if (local === null || (remote === null && !far.endsWith('.*'))) return null;
  const [, word = '', behind = rest] = STATE.exec(rest) ?? [];
  const state = stateOf(protocol, word, remote);
  const pid = pidOf(word === '' ? rest : behind);
  return { protocol, family, state, local, remote, pid: pid === 0 ? null : pid };
}

function stateOf(protocol: 'tcp' | 'udp', word: string, remote: Place | null): SocketState {
  if (protocol === 'udp') return remote === null ? 'bound' : 'established';
  return socketState(word);
}

/** `127.0.0.1.3000`, `*.22`, `::1.631`, `fe80::1%lo0.3000` */
function placeOf(family: 4 | 6, text: string): Place | null {
  const dot = text.lastIndexOf('.');
  return dot < 0 ? null : toolPlace(family, text.slice(0, dot), text.slice(dot + 1));
}

function pidReader(heading: string): PidReader {
  // From macOS 26 on the name of the program stands before its pid; it may hold spaces and colons. Hexadecimal columns follow.
  if (heading.includes('process:pid'))
    return (rest) => numberOf(/^(?:\d+\s+){4}.*:(\d+)\s+[\da-f]+(?:\s|$)/.exec(rest)?.[1]);
  const columns = heading
    .replace(/^.*\(state\)/i, '')
    .trim()
    .split(/\s+/);
  const index = columns.indexOf('pid');
  return (rest) => (index < 0 ? null : numberOf(rest.split(/\s+/)[index]));
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
