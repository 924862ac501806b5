/** Puts the supervisor's parts together. It must not hold logic of its own beyond who is asked. */

import { LoopyardError } from '../core/errors.ts';
import type { Pacing } from '../core/pacing.ts';
import { serviceOfRun } from '../core/run-record.ts';
import type { Platform } from '../platform/platform.ts';
import { Endings } from './endings.ts';
import { findRun } from './find.ts';
import { Later } from './later.ts';
import { MemberFinder, type MemberQuery, memberQuery } from './members.ts';
import { Ownership } from './ownership.ts';
import type { Lines } from './probes/log.ts';
import { prove } from './prove.ts';
import { RunRecords } from './records.ts';
import type { RunRef, Supervisor } from './supervisor.ts';
import { findBackground } from './sweep.ts';
import { startWaiter } from './waiter.ts';
import { watchRuns } from './watch-runs.ts';

export interface SupervisorTools {
  readonly platform: Platform;
  readonly lines: Lines;
  /** The gateway listens on leased addresses too, and belongs to no run. */
  noMember?(pid: number): boolean;
}

/**
 * Looks at the socket table are gathered: one costs some ms, more where there are thousands of sockets, and in a chain of services one
 * ends every few ms. Nobody waits for them, but what they find should be told soon.
 */
const LOOKS: Pacing = { least: 40, longest: 250, rest: 20 };

export function createSupervisor(tools: SupervisorTools): Supervisor {
  const { platform } = tools;
  const members = new MemberFinder(platform, tools.noMember);
  const ownership = new Ownership(platform, members);
  const directories = new Map<string, RunRecords>();
  const endings = new Endings({ platform, members });
  const recordsOf = (directory: string): RunRecords => {
    const known = directories.get(directory) ?? new RunRecords(directory);
    directories.set(directory, known);
    return known;
  };
  const later = new Later(LOOKS);
  const queryOf = (run: RunRef): MemberQuery => memberQuery(run, recordsOf(run.directory).get(run.id));
  return {
    async start(spec) {
      const records = recordsOf(spec.directory);
      const waiter = await startWaiter(spec);
      const record = await records.until(spec.id, ({ pid }) => pid !== null, waiter.ended);
      if (record.pid !== null) return { pid: record.pid };
      const reason =
        'its start was fenced off by another daemon, or no file could be made in the state directory';
      throw new LoopyardError('SPAWN_FAILED', { service: serviceOfRun(spec.id), reason });
    },
    watch: (directory, tell) => watchRuns(recordsOf(directory), platform, tell),
    find: (run) => findRun(recordsOf(run.directory), platform, run),
    end: (run, policy, force) => endings.end(run, recordsOf(run.directory), policy, force),
    async sweep(run, told) {
      const query = queryOf(run);
      const background = await findBackground({ platform, members, ownership }, query, Object.values(told));
      if (background !== null) {
        recordsOf(run.directory).noteBackground(run.id, background.pid, background.started);
        return { kind: 'daemonized', pid: background.pid };
      }
      if ((await members.find(query)).size > 0)
        await this.end(run, { signal: 'SIGTERM', graceMs: 1000 }, false);
      return { kind: 'swept' };
    },
    prove(target, ready, signal) {
      if (ready.kind === 'none') return Promise.resolve({ kind: 'ready', listening: {} });
      const query = (): MemberQuery => ({ ...queryOf(target.run), pid: target.pid });
      return prove({ ownership, lines: tools.lines, query, later }, target, ready, signal);
    },
    survey: ({ run, pid, told }) => ownership.survey({ ...queryOf(run), pid }, told),
    discard(run) {
      recordsOf(run.directory).discard(run.id);
    },
  };
}
