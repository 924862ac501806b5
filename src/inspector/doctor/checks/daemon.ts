/** The daemon: asked who it is. And whether its socket is closed to others. */

import {
  type Check,
  count,
  type DoctorFacts,
  type Finding,
  fail,
  ok,
  quoted,
  together,
  unknown,
  warn,
} from '../check.ts';
import type { DaemonAnswer } from '../own.ts';

export const daemon: Check = {
  id: 'daemon',
  title: 'Daemon',
  group: 'state',
  async examine(facts) {
    const answer = await facts.own.daemon();
    switch (answer.state) {
      case 'answers':
        return await running(answer, facts);
      case 'absent':
        return answer.holder === null
          ? ok('none runs; the next command that needs one starts it')
          : fail(
              `process ${answer.holder} is the daemon of this home, but nobody answers at its socket`,
              `kill ${answer.holder}`,
            );
      case 'silent':
        return silent(answer, facts.own.place().socket);
      case 'refused':
        return fail(`the daemon cannot be asked: ${answer.reason}`, null);
      default:
        return answer satisfies never;
    }
  },
};

/** Without a holder of the lock it is no daemon of this home: then only the socket stands in the way of the next one. */
function silent(answer: DaemonAnswer & { readonly state: 'silent' }, socket: string): Finding {
  const late = `did not answer within ${answer.afterMs / 1000} s`;
  if (answer.holder === null)
    return fail(
      `somebody takes connections at ${socket}, but ${late}, and is no daemon of this home`,
      `rm ${quoted(socket)}`,
    );
  return fail(
    `the daemon (pid ${answer.holder}) ${late}; services are not touched when it is ended`,
    `kill -9 ${answer.holder}`,
  );
}

async function running(
  answer: DaemonAnswer & { readonly state: 'answers' },
  facts: DoctorFacts,
): Promise<Finding> {
  const { build, version } = facts.own.build();
  const problems: Finding[] = [...(await modes(answer.socket, facts))];
  if (answer.build !== build) {
    problems.push(
      warn(
        `the daemon (${answer.version}, build ${answer.build}, pid ${answer.pid}) is not of this build (${version}, ${build}): the next command that needs it replaces it, services live on`,
        'lo daemon stop',
      ),
    );
  }
  if (!answer.sameNamespaces) {
    problems.push(
      warn(
        `the daemon (pid ${answer.pid}) lives in another network or process namespace: its services are not on this localhost`,
        'lo daemon stop --all  # then start it from where the services should be',
      ),
    );
  }
  return together(
    problems,
    `version ${answer.version}, pid ${answer.pid}; ${count(answer.environments, 'environment')}, ${count(answer.running, 'service')} running`,
  );
}

async function modes(socket: string, { health }: DoctorFacts): Promise<readonly Finding[]> {
  const found = await health.path(socket);
  if ('code' in found) return [unknown(`${socket}: ${found.code}`)];
  if ((found.mode & 0o077) === 0) return [];
  const mode = found.mode.toString(8).padStart(4, '0');
  return [warn(`${socket} is open to others (mode ${mode})`, `chmod 600 ${quoted(socket)}`)];
}
