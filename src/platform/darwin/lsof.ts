/**
 * The output of `lsof -F` (lsof(8), "OUTPUT FOR OTHER PROGRAMS"), whether its fields end with NUL or with a line end. Pure. Only what
 * the caller may look into is in it: without root, the caller's own processes.
 */

import type { Place, SocketState } from '../facts.ts';
import { type Parsed, socketState, type ToolRow, toolPlace } from '../tool-rows.ts';

/** One open file of one process. */
export interface LsofFile {
  readonly pid: number;
  readonly uid: number | null;
  /** `20`, `cwd` */
  readonly descriptor: string;
  /** `IPv4`, `IPv6`, `unix`, `DIR`, … */
  readonly type: string;
  /** The same for all who share a socket; null where lsof does not tell. */
  readonly device: string | null;
  readonly protocol: string | null;
  readonly name: string | null;
  /** Of TCP. */
  readonly state: string | null;
}

type Draft = { -readonly [Key in keyof LsofFile]: LsofFile[Key] };

export function parseLsof(text: string): Parsed<LsofFile> {
  const reader = new Reader();
  for (const field of text.split(/[\0\n]/)) if (field !== '') reader.take(field.charAt(0), field.slice(1));
  return reader;
}

/** Fields come one after another: `p` begins a process, `f` a file of it, all others belong to what was begun last. */
class Reader {
  readonly rows: Draft[] = [];
  malformed = 0;
  /** Null: a process without a number, which was counted, and whose files nobody can place. */
  #pid: number | null | undefined;
  #uid: number | null = null;
  #file: Draft | null = null;

  take(letter: string, value: string): void {
    if (letter === 'p') this.#begin(value);
    else if (letter === 'f') this.#open(value);
    else if (this.#file !== null) fill(this.#file, letter, value);
    else if (letter === 'u') this.#uid = numberOf(value);
  }

  #begin(value: string): void {
    this.#pid = numberOf(value);
    this.#uid = null;
    this.#file = null;
    if (this.#pid === null) this.malformed += 1;
  }

  #open(descriptor: string): void {
    this.#file = null;
    if (this.#pid === undefined) this.malformed += 1;
    if (this.#pid === undefined || this.#pid === null) return;
    this.#file = draft(this.#pid, this.#uid, descriptor);
    this.rows.push(this.#file);
  }
}

function draft(pid: number, uid: number | null, descriptor: string): Draft {
  return { pid, uid, descriptor, type: '', device: null, protocol: null, name: null, state: null };
}

function fill(file: Draft, letter: string, value: string): void {
  if (letter === 't') file.type = value;
  else if (letter === 'd') file.device = value;
  else if (letter === 'P') file.protocol = value;
  else if (letter === 'n') file.name = value;
  // The queues come under the same letter.
  else if (letter === 'T' && value.startsWith('ST=')) file.state = value.slice(3);
}

export interface LsofSocket extends Omit<ToolRow, 'pid'> {
  readonly pid: number;
  readonly uid: number | null;
  /** The same for all who share the socket. */
  readonly device: string;
}

/** The TCP and UDP sockets among them that have a port. */
export function socketsOf(files: Parsed<LsofFile>): Parsed<LsofSocket> {
  const found = files.rows.map(socketOf);
  const rows = found.filter((one) => one !== 'other' && one !== 'malformed');
  return { rows, malformed: files.malformed + found.filter((one) => one === 'malformed').length };
}

const FAMILIES: Readonly<Record<string, 4 | 6>> = { IPv4: 4, IPv6: 6 };
const PROTOCOLS: Readonly<Record<string, 'tcp' | 'udp'>> = { TCP: 'tcp', UDP: 'udp' };

function socketOf(file: LsofFile): LsofSocket | 'other' | 'malformed' {
  const { pid, uid, device, descriptor } = file;
  const family = FAMILIES[file.type];
  const protocol = PROTOCOLS[file.protocol ?? ''];
  if (family === undefined || protocol === undefined) return 'other';
  const places = placesOf(family, file.name ?? '');
  if (places === 'unbound') return 'other';
  if (places === null) return 'malformed';
  const state = stateOf(file, protocol, places.remote);
  return { protocol, family, state, ...places, pid, uid, device: device ?? `${pid} ${descriptor}` };
}

function stateOf({ state }: LsofFile, protocol: 'tcp' | 'udp', remote: Place | null): SocketState {
  if (protocol === 'udp') return remote === null ? 'bound' : 'established';
  return socketState(state ?? '');
}

/** `127.0.0.1:3000`, `*:22`, `[::1]:631->[::1]:50001`; `*:*` has no port. Null: not understood. */
function placesOf(
  family: 4 | 6,
  name: string,
): { readonly local: Place; readonly remote: Place | null } | 'unbound' | null {
  const [near = '', far] = name.split('->');
  if (near === '' || near.endsWith(':*') || near === 'no PCB') return 'unbound';
  const local = placeOf(family, near);
  const remote = far === undefined ? null : placeOf(family, far);
  return local === null || (far !== undefined && remote === null) ? null : { local, remote };
}

function placeOf(family: 4 | 6, text: string): Place | null {
  const [, inside, plain = '', port = ''] = /^(?:\[([^\]]*)\]|([^[\]]*)):(\d+)$/.exec(text) ?? [];
  return toolPlace(family, inside ?? plain, port);
}

function numberOf(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}
