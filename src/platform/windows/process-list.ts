/** Processes of Windows by PowerShell. One list serves all questions of a second, since asking takes about one. */

import { LoopyardError } from '../../core/errors.ts';
import type { Gap, ProcessDescription } from '../facts.ts';
import type { ProcessDetails, ProcessFacts } from '../platform.ts';
import { gapsOf, UNKNOWN_USER } from '../tool-rows.ts';
import type { Tool } from '../tools.ts';
import { splitCommandLine } from './command-line.ts';
import { parseProcesses, type WindowsProcess } from './processes.ts';
import { LIST_PROCESSES, POWERSHELL } from './programs.ts';

const WHAT = 'processes';
const SAME_LOOK_MS = 2000;

interface List {
  readonly at: number;
  /** Why PowerShell told nothing, or not all. */
  readonly failure: string | null;
  readonly processes: ReadonlyMap<number, WindowsProcess>;
}

export class ProcessList {
  readonly #tool: Tool;
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
    return found === null ? null : { pid, uid: null, command: found.command, cwd: null };
  }

  describe(pid: number): ProcessDescription | null {
    const found = this.#fresh(SAME_LOOK_MS).processes.get(pid);
    if (found === undefined) return null;
    const { commandLine, executable, name } = found;
    return {
      pid,
      parent: this.#parentOf(found),
      session: 0,
      uid: UNKNOWN_USER,
      user: 'unknown',
      name: name.replace(/\.exe$/i, ''),
      command: commandLine === null ? [executable ?? name] : splitCommandLine(commandLine),
      cwd: null,
      executable,
      executableDeleted: false,
      startedAt: found.startedAt,
      cgroup: null,
    };
  }

  knows(pid: number): boolean {
    return this.#fresh(SAME_LOOK_MS).processes.has(pid);
  }

  /** Windows keeps the number of a parent that has ended, and gives it to another: one that is younger is none. */
  #parentOf({ parent, startedAt }: WindowsProcess): number {
    const above = this.#fresh(SAME_LOOK_MS).processes.get(parent);
    if (above === undefined) return 0;
    const isYounger = above.startedAt !== null && startedAt !== null && above.startedAt > startedAt;
    return isYounger ? 0 : parent;
  }

  /** What kept PowerShell from telling of processes. */
  gaps(): readonly Gap[] {
    const { failure } = this.#fresh(SAME_LOOK_MS);
    return failure === null ? [] : [{ what: WHAT, why: failure }];
  }

  #complete(maxAgeMs: number): ReadonlyMap<number, WindowsProcess> {
    const { failure, processes } = this.#fresh(maxAgeMs);
    if (failure !== null) throw new LoopyardError('SOCKETS_UNREADABLE', { what: WHAT, reason: failure });
    return processes;
  }

  #fresh(maxAgeMs: number): List {
    const now = performance.now();
    if (this.#list === null || now - this.#list.at > maxAgeMs) {
      const { stdout, failure } = this.#tool(POWERSHELL, LIST_PROCESSES);
      const { rows, malformed } = parseProcesses(stdout);
      const [gap] = gapsOf('PowerShell', WHAT, failure, malformed);
      const processes = new Map(rows.map((row) => [row.pid, row]));
      this.#list = { at: now, failure: gap?.why ?? null, processes };
    }
    return this.#list;
  }
}

function factsOf({ pid, parent, startedAt }: WindowsProcess): ProcessFacts {
  // There are no process groups and sessions as on Unix.
  return { pid, parent, group: 0, session: 0, startTime: startedAt ?? 0, zombie: false };
}
