/**
 * The output of `netstat -ano` on Windows. Pure. Words of states are in the language of the system, so a listener is known by its
 * missing peer.
 */

import type { Place, SocketState } from '../facts.ts';
import { type Parsed, socketState, type ToolRow, toolPlace } from '../tool-rows.ts';

/** State and pid; UDP has no state. A state of two words exists in some languages. */
const TCP = /^\s*TCP\s+(\S+)\s+(\S+)\s+(\S.*?)\s+(\d+)\s*$/;
const UDP = /^\s*UDP\s+(\S+)\s+(\S+)\s+(\d+)\s*$/;

export function parseNetstat(text: string): Parsed<ToolRow> {
  const rows: ToolRow[] = [];
  let malformed = 0;
  for (const line of text.split(/\r?\n/)) {
    if (!/^\s*(?:TCP|UDP)\b/.test(line)) continue;
    const row = tcpRow(line) ?? udpRow(line);
    if (row === null) malformed += 1;
    else rows.push(row);
  }
  return { rows, malformed };
}

function tcpRow(line: string): ToolRow | null {
  const [, near = '', far = '', word = '', pid = ''] = TCP.exec(line) ?? [];
  const local = placeOf(near);
  const remote = placeOf(far);
  if (local === null || remote === null) return null;
  const isAlone = remote.port === 0;
  // `BOUND` comes with the option -q alone.
  const state = isAlone ? (word === 'BOUND' ? 'close' : 'listen') : stateOf(word);
  return {
    protocol: 'tcp',
    family: familyOf(near),
    state,
    local,
    remote: isAlone ? null : remote,
    pid: Number(pid),
  };
}

function udpRow(line: string): ToolRow | null {
  const [, near = '', , pid = ''] = UDP.exec(line) ?? [];
  const local = placeOf(near);
  if (local === null) return null;
  return { protocol: 'udp', family: familyOf(near), state: 'bound', local, remote: null, pid: Number(pid) };
}

/** In another language what is neither listening nor over is most likely a connection; it is not called one without its word. */
function stateOf(word: string): SocketState {
  const state = socketState(word);
  return state === 'listen' ? 'unknown' : state;
}

function familyOf(text: string): 4 | 6 {
  return text.startsWith('[') ? 6 : 4;
}

/** `0.0.0.0:135`, `[::]:135`, `[fe80::1%12]:5353` */
function placeOf(text: string): Place | null {
  const [, inside, plain = '', port = ''] = /^(?:\[([^\]]*)\]|([^[\]:]*)):(\d+)$/.exec(text) ?? [];
  return toolPlace(familyOf(text), inside ?? plain, port);
}
