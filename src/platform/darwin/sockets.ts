/**
 * Sockets of macOS and who has them. netstat names every socket with the pid that made it, of all users; lsof knows who shares it,
 * and is only asked when somebody wants to know holders, since it takes ten times as long. It must not describe processes.
 */

import type { Gap, Holders, SocketFacts, SocketSelection, SocketTable } from '../facts.ts';
import {
  factsOf,
  gapsOf,
  isSelected,
  type NumberedRow,
  numberRows,
  type Parsed,
  placeKey,
  SocketIds,
  type ToolRow,
  UNKNOWN_USER,
} from '../tool-rows.ts';
import type { Tool } from '../tools.ts';
import { type LsofSocket, parseLsof, socketsOf } from './lsof.ts';
import { parseNetstat } from './netstat.ts';

/** `l` and `W`: no address is cut off. `v`: the pid. */
const NETSTAT = '/usr/sbin/netstat';
const NETSTAT_ARGS = ['-anvlW', '-p'];
export const LSOF = '/usr/sbin/lsof';
/** Fields end with NUL. */
const LSOF_SOCKETS = ['-nP', '-i', '-F', 'pufdtPnT0'];
/** A look asks for holders right after it asked for sockets. */
const SAME_LOOK_MS = 1000;
const WHAT = 'sockets';

export interface Users {
  uidOf(pid: number): number | null;
  /** The eldest first. */
  byAge(one: number, other: number): number;
}

export class DarwinSockets {
  readonly #tool: Tool;
  readonly #users: Users;
  readonly #ids = new SocketIds();
  #rows: readonly NumberedRow[] = [];
  #shared: { readonly at: number; readonly sockets: readonly LsofSocket[] } | null = null;

  constructor(tool: Tool, users: Users) {
    this.#tool = tool;
    this.#users = users;
  }

  table(selection: SocketSelection): SocketTable {
    const { rows, gaps } = this.#look();
    this.#rows = numberRows(rows, this.#ids);
    const selected = this.#rows.filter((row) => isSelected(row, selection) && !isUnlisted(row));
    const sockets = selected.map((row) => this.#facts(row));
    return { sockets, gaps };
  }

  /** Bound, and neither listening nor connected: netstat shows them as closed. */
  closed(port?: number): ReadonlyMap<number, readonly number[]> {
    this.table('all');
    const rows = this.#rows.filter(
      (row) => isUnlisted(row) && (port === undefined || row.local.port === port),
    );
    return this.holders(new Set(rows.map(({ inode }) => inode))).byInode;
  }

  holders(inodes: ReadonlySet<number>): Holders {
    const byInode = new Map<number, readonly number[]>();
    if (this.#rows.length === 0) this.table('all');
    const rows = this.#rows.filter(({ inode }) => inode !== 0 && inodes.has(inode));
    if (rows.length === 0) return { byInode, closed: new Map() };
    const shared = this.#sharing();
    for (const row of rows) {
      const pids = holdersOf(row, shared).sort((one, other) => this.#users.byAge(one, other));
      if (pids.length > 0) byInode.set(row.inode, pids);
    }
    return { byInode, closed: new Map() };
  }

  /** By protocol, since by family a socket of both is told twice. Without netstat, what lsof knows. */
  #look(): { readonly rows: readonly ToolRow[]; readonly gaps: readonly Gap[] } {
    const answers = ['tcp', 'udp'].map((protocol) => this.#tool(NETSTAT, [...NETSTAT_ARGS, protocol]));
    const parsed = answers.map(({ stdout }) => parseNetstat(stdout));
    const failure = answers.find((answer) => answer.failure !== null)?.failure ?? null;
    const malformed = parsed.reduce((sum, one) => sum + one.malformed, 0);
    const rows = parsed.flatMap((one) => one.rows);
    const gaps = gapsOf('netstat', WHAT, failure, malformed);
    if (rows.length > 0 || failure === null) return { rows, gaps };
    const own = this.#askLsof();
    return { rows: once(own.rows), gaps: [...gaps, ...gapsOf('lsof', WHAT, own.failure, own.malformed)] };
  }

  #sharing(): readonly LsofSocket[] {
    const now = performance.now();
    if (this.#shared === null || now - this.#shared.at > SAME_LOOK_MS)
      this.#shared = { at: now, sockets: this.#askLsof().rows };
    return this.#shared.sockets;
  }

  #askLsof(): Parsed<LsofSocket> & { readonly failure: string | null } {
    const { stdout, failure } = this.#tool(LSOF, LSOF_SOCKETS);
    return { ...socketsOf(parseLsof(stdout)), failure };
  }

  #facts(row: NumberedRow): SocketFacts {
    const uid = row.pid === null ? null : this.#users.uidOf(row.pid);
    return factsOf(row, uid ?? UNKNOWN_USER);
  }
}

/** As on Linux such a socket is told apart from those that others may meet. */
function isUnlisted({ state, remote }: ToolRow): boolean {
  return state === 'close' && remote === null;
}

/** Whoever netstat names, and all who have the same socket by lsof. */
function holdersOf(row: NumberedRow, sockets: readonly LsofSocket[]): number[] {
  const key = placeKey(row);
  const here = sockets.filter((socket) => placeKey(socket) === key);
  if (row.pid === null) return [...new Set(here.map(({ pid }) => pid))];
  const own = new Set(here.filter(({ pid }) => pid === row.pid).map(({ device }) => device));
  return [...new Set([row.pid, ...here.filter(({ device }) => own.has(device)).map(({ pid }) => pid)])];
}

/** lsof has a row for each who shares a socket. */
function once(sockets: readonly LsofSocket[]): readonly ToolRow[] {
  const seen = new Set<string>();
  return sockets.filter(({ device }) => {
    const isNew = !seen.has(device);
    seen.add(device);
    return isNew;
  });
}
