/** The gateway, which carries names and HTTPS: asked who it is, and at which doors it can be reached. */

import type { Door } from '../../../core/gateway.ts';
import { type Check, type Finding, fail, ok, together, warn } from '../check.ts';
import type { GatewayAnswer } from '../own.ts';

export const gateway: Check = {
  id: 'gateway',
  title: 'Gateway',
  group: 'network',
  async examine({ own }) {
    const answer = await own.gateway();
    switch (answer.state) {
      case 'absent':
        return ok('not running; it starts with the first service that speaks HTTP');
      case 'answers':
        return running(answer, own.build().build);
      case 'silent':
        return fail(
          `it takes connections but did not answer within ${answer.afterMs / 1000} s; without it services are reached at their own addresses`,
          'lo daemon stop --all  # ends it too; then `lo up`',
        );
      case 'refused':
        return warn(
          `nobody serves its socket (${answer.code}); the next command that needs it starts it`,
          'lo ls',
        );
      default:
        return answer satisfies never;
    }
  },
};

function running(answer: GatewayAnswer & { readonly state: 'answers' }, build: string): Finding {
  const open = answer.doors.filter(({ error }) => error === null);
  const problems = [...shut(answer.doors, open)];
  if (answer.build !== build) {
    problems.push(
      warn(
        `it (pid ${answer.pid}) is not of this build: the next command that needs it replaces it`,
        'lo ls',
      ),
    );
  }
  return together(problems, `pid ${answer.pid}, ${doorsOf(open)}${unusual(answer.doors, open)}`);
}

/** `https on 8443, http on 80` */
function doorsOf(open: readonly Door[]): string {
  const words = (secure: boolean): string[] => {
    const port = open.find((door) => door.secure === secure)?.port;
    return port === undefined ? [] : [`${secure ? 'https' : 'http'} on ${port}`];
  };
  return [...words(true), ...words(false)].join(', ') || 'no door is open';
}

/** Kinds that have no door at all, and families that are missing beside an open one. */
function shut(doors: readonly Door[], open: readonly Door[]): readonly Finding[] {
  return [true, false].flatMap((secure) => {
    const name = secure ? 'HTTPS' : 'HTTP';
    const own = open.filter((door) => door.secure === secure);
    const [first] = own;
    const failed = doors.filter((door) => door.secure === secure && door.error !== null);
    if (first === undefined) {
      const reasons = failed.map(({ port, error }) => `${port}: ${error}`).join(', ');
      return failed.length === 0
        ? []
        : [fail(`it has no door for ${name} (${reasons})`, `lo why ${failed[0]?.port}`)];
    }
    return failed
      .filter(({ port }) => port === first.port)
      .map(({ address, port, error }) =>
        warn(
          `it serves ${name} on port ${port}, but not at ${address} (${error}): programs that go there first meet somebody else, or nobody`,
          `lo why ${port}`,
        ),
      );
  });
}

/** Why the ports are not the usual ones: they stand in every URL. */
function unusual(doors: readonly Door[], open: readonly Door[]): string {
  const missed = doors.filter(
    ({ port, secure, error }) =>
      error !== null &&
      port === (secure ? 443 : 80) &&
      !open.some((door) => door.secure === secure && door.port === port),
  );
  if (missed.length === 0) return '';
  return `; not on the usual ports, since ${missed.map(({ port, error }) => `${port} gave ${error}`).join(' and ')}`;
}
