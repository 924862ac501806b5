/** Processes of macOS by ps and, for working directories, lsof. One list serves all questions of a second. It must not know sockets. */

import { LoopyardError } from '../../core/errors.ts';
import type { Gap, ProcessDescription } from '../facts.ts';
import type { ProcessDetails, ProcessFacts } from '../platform.ts';
import { gapsOf, UNKNOWN_USER } from '../tool-rows.ts';
import type { Tool } from '../tools.ts';
import { parseLsof } from './lsof.ts';
import {
  PS_PROCESSES,
  PS_PROGRAMS,
  type PsProcess,
  parseProcesses,
  parsePrograms,
  splitCommand,
} from './processes.ts';
import { LSOF } from './sockets.ts';

const PS = '/bin/ps';
const ID = '/usr/bin/id';
const WHAT = 'processes';
const SAME_LOOK_MS = 1000;
const LSOF_DIRECTORIES = ['-a', '-d', 'cwd', '-F', 'pfn0'];

interface List {
  readonly at: number;
  /** Why ps told nothing, or not all. */
  readonly failure: string | null;
  readonly processes: ReadonlyMap<number, PsProcess>;
  /** Null until somebody asks. */
  programs: ReadonlyMap<number, string> | null;
  directories: ReadonlyMap<number, string> | null;
}

export class ProcessList {
  readonly #tool: Tool;
  readonly #names = new Map<number, string>();
  #list: List | null = null;

  constructor(tool: Tool) {
    this.#tool = tool;
  }

  /** Errors: SOCKETS_UNREADABLE. */
  facts(maxAgeMs: number): ReadonlyMap<number, ProcessFacts> {
    return new Map([...this.#complete(maxAgeMs)].map(([pid, process]) => [pid, factsOf(process)]));
  }

  /** Errors: SOCKETS_UNREADABLE. */
  one(pid: number): ProcessFacts | null {
    const found = this.#complete(0).get(pid);
    return found === undefined ? null : factsOf(found);
  }

  details(pid: number): ProcessDetails | null {
    const found = this.describe(pid);
    return found === null ? null : { pid, uid: found.uid, command: found.command, cwd: found.cwd };
  }

  describe(pid: number): ProcessDescription | null {
    const list = this.#fresh(SAME_LOOK_MS);
    const found = list.processes.get(pid);
    if (found === undefined) return null;
    const program = this.#programs(list).get(pid);
    return {
      pid,
      parent: found.parent,
      // ps shows the address of a structure instead.
      session: 0,
      uid: found.uid,
      user: this.userName(found.uid),
      name: (program ?? found.commandLine.split(' ')[0] ?? '').replace(/^.*\//, ''),
      command: splitCommand(found.commandLine, program),
      cwd: this.#directories(list).get(pid) ?? null,
      executable: program?.startsWith('/') === true ? program : null,
      executableDeleted: false,
      startedAt: found.startedAt,
      cgroup: null,
    };
  }

  uidOf(pid: number): number | null {
    return this.#fresh(SAME_LOOK_MS).processes.get(pid)?.uid ?? null;
  }

  byAge(one: number, other: number): number {
    const { processes } = this.#fresh(SAME_LOOK_MS);
    const bornAt = (pid: number): number => processes.get(pid)?.startedAt ?? 0;
    return bornAt(one) - bornAt(other) || one - other;
  }

  userName(uid: number): string {
    if (uid === UNKNOWN_USER) return 'unknown';
    let name = this.#names.get(uid);
    if (name === undefined) {
      name = this.#tool(ID, ['-un', String(uid)]).stdout.trim() || String(uid);
      this.#names.set(uid, name);
    }
    return name;
  }

  /** What kept ps from telling of processes. */
  gaps(): readonly Gap[] {
    const { failure } = this.#fresh(SAME_LOOK_MS);
    return failure === null ? [] : [{ what: WHAT, why: failure }];
  }

  #complete(maxAgeMs: number): ReadonlyMap<number, PsProcess> {
    const { failure, processes } = this.#fresh(maxAgeMs);
    if (failure !== null) throw new LoopyardError('SOCKETS_UNREADABLE', { what: WHAT, reason: failure });
    return processes;
  }

  #fresh(maxAgeMs: number): List {
    const now = performance.now();
    if (this.#list === null || now - this.#list.at > maxAgeMs) {
      const { stdout, failure } = this.#tool(PS, PS_PROCESSES);
      const { rows, malformed } = parseProcesses(stdout);
      const processes = new Map(rows.map((row) => [row.pid, row]));
      const [gap] = gapsOf('ps', WHAT, failure, malformed);
      this.#list = { at: now, failure: gap?.why ?? null, processes, programs: null, directories: null };
    }
    return this.#list;
  }

  #programs(list: List): ReadonlyMap<number, string> {
    list.programs ??= parsePrograms(this.#tool(PS, PS_PROGRAMS).stdout);
    return list.programs;
  }

  /** Of the caller's own processes; of all, for root. */
  #directories(list: List): ReadonlyMap<number, string> {
    list.directories ??= new Map(
      parseLsof(this.#tool(LSOF, LSOF_DIRECTORIES).stdout).rows.flatMap(({ pid, name }) =>
        name?.startsWith('/') === true ? [[pid, name] as const] : [],
      ),
    );
    return list.directories;
  }
}

function factsOf({ pid, parent, group, startedAt, zombie }: PsProcess): ProcessFacts {
  // Seconds since 1970 name the process as well as ticks since the boot do.
  return { pid, parent, group, session: 0, startTime: (startedAt ?? 0) / 1000, zombie };
}
