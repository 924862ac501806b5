/** Sockets of Windows by netstat, whose pid is that of the process that made the socket: who inherited it is not told. */

import type { Holders, SocketSelection, SocketTable } from '../facts.ts';
import {
  factsOf,
  gapsOf,
  isSelected,
  type NumberedRow,
  numberRows,
  SocketIds,
  UNKNOWN_USER,
} from '../tool-rows.ts';
import type { Tool } from '../tools.ts';
import { parseNetstat } from './netstat.ts';
import { parseBound } from './processes.ts';
import { LIST_BOUND, NETSTAT, POWERSHELL } from './programs.ts';

/** Sockets have no other holder than the one that is told. */
export class WindowsSockets {
  readonly #tool: Tool;
  readonly #knows: (pid: number) => boolean;
  readonly #ids = new SocketIds();
  #rows: readonly NumberedRow[] = [];

  constructor(tool: Tool, knows: (pid: number) => boolean) {
    this.#tool = tool;
    this.#knows = knows;
  }

  table(selection: SocketSelection): SocketTable {
    const { stdout, failure } = this.#tool(NETSTAT, ['-ano']);
    const { rows, malformed } = parseNetstat(stdout);
    this.#rows = numberRows(rows, this.#ids);
    const selected = this.#rows.filter((row) => isSelected(row, selection));
    return {
      sockets: selected.map((row) => factsOf(row, UNKNOWN_USER)),
      gaps: gapsOf('netstat', 'sockets', failure, malformed),
    };
  }

  /** A process that has ended may have left its socket to a child: nobody is named then. */
  holders(inodes: ReadonlySet<number>): Holders {
    if (this.#rows.length === 0) this.table('all');
    const byInode = new Map<number, readonly number[]>();
    for (const { inode, pid } of this.#rows)
      if (inode !== 0 && inodes.has(inode) && pid !== null && pid !== 0 && this.#knows(pid))
        byInode.set(inode, [pid]);
    return { byInode, closed: new Map() };
  }

  /** netstat leaves them out. Numbers of their own, below zero: they stand in no table. */
  bound(port?: number): ReadonlyMap<number, readonly number[]> {
    const { rows } = parseBound(this.#tool(POWERSHELL, LIST_BOUND).stdout);
    return new Map(
      rows
        .filter(({ local }) => port === undefined || local.port === port)
        .flatMap(({ pid }, index) => (pid === null ? [] : [[-1 - index, [pid]] as const])),
    );
  }
}
