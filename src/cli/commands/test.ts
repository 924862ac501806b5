/** `lo test`: everything up, one command, everything down; the exit code is the command's. */

import type { UpRequest } from '../../core/api.ts';
import { LoopyardError } from '../../core/errors.ts';
import { usage } from '../args.ts';
import { runChild } from '../child.ts';
import type { Command, Context } from '../command.ts';
import { JunitReport, writeReport } from '../junit.ts';
import { Session } from '../session.ts';
import { notReady, timedOut } from '../settle.ts';
import { showProgress } from '../view/progress.ts';
import { durationOption, SERVICES, TIMEOUT } from './shared.ts';

const USAGE = ['[SERVICE…] [--timeout DURATION] [--junit FILE] -- CMD [ARG…]'];

export const test: Command = {
  usage: USAGE,
  description: [
    'Starts the services, waits until all are ready, runs the command here with `<SERVICE>_HOST`, `_PORT` and `_URL` of each, and takes everything down again, come what may. When this command is killed, all that it started is gone at once.',
    'An environment that runs already is used as it is, and left running.',
    'Standard output belongs to the command; what Loopyard says goes to standard error. With `--json` it is the other way round: events come on standard output, and the command’s output goes to standard error.',
  ],
  positionals: [SERVICES],
  options: [
    TIMEOUT,
    {
      name: 'junit',
      value: 'FILE',
      complete: 'files',
      summary: 'Write a JUnit report: a test case for each service and one for the command',
    },
  ],
  rest: 'CMD',
  examples: [
    { command: 'lo test -- npm test', meaning: 'The suite against real services.' },
    {
      command: 'lo test --timeout 2m --junit report.xml -- npx playwright test',
      meaning: 'In CI, with a report.',
    },
  ],
  exits: {
    '125': 'Loopyard itself failed, or a service did not become ready',
    '126': 'the command cannot be run',
    '127': 'the command was not found',
    '130': 'ended by Ctrl-C',
    others: 'the command’s own; 128 + the number of the signal that ended it',
  },
  needsDaemon: true,
  run: async (context) => {
    const { args } = context;
    if (args.rest === null || args.rest.length === 0) {
      throw usage('the command to run is missing', { name: 'test', usage: USAGE });
    }
    const timeoutMs = durationOption(args, 'timeout');
    const report = new JunitReport(args.rest.join(' '), context.world.now);
    try {
      return await testOnce(context, args.rest, timeoutMs, report);
    } finally {
      const file = args.text('junit');
      if (file !== undefined) writeReport(context.directory, file, report);
    }
  },
};

async function testOnce(
  context: Context,
  argv: readonly string[],
  timeoutMs: number | undefined,
  report: JunitReport,
): Promise<number> {
  const { args, target, variables, world, json } = context;
  const owner: UpRequest['owner'] = (await runsAlready(context)) ? 'none' : 'kill';
  const progress = showProgress(json ? context : { ...context, printer: context.aside }, 'up');
  let settled: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    settled = resolve;
  });
  const request = { ...target, services: args.positionals, variables, owner, pid: world.pid };
  const session = new Session(context, { ...request, untilSettled: false }, (event) => {
    progress.take(event);
    if (event.type === 'settled') settled();
  });
  try {
    return await session.run(false, async () => {
      await inTime(ready, timeoutMs);
      progress.end();
      const { board } = session;
      report.services(board);
      if (board.outcome === null) throw timedOut(board, timeoutMs ?? 0);
      if (!board.outcome.good) throw notReady(board.outcome);
      const workbench = await context.connect();
      const given = await workbench.env({ ...session.target, service: null, variables, pid: world.pid });
      return await report.command(() =>
        runChild(context, {
          argv,
          cwd: context.directory,
          variables: given.variables,
          outputAside: json,
        }),
      );
    });
  } finally {
    progress.end();
  }
}

/** What somebody else runs must not be torn down after a test. */
async function runsAlready(context: Context): Promise<boolean> {
  const workbench = await context.connect();
  try {
    const { services } = await workbench.ps(context.target);
    const runs = services.some(({ state }) => RUNS.has(state));
    if (runs) context.aside.note('lo: the environment runs already: it is used as it is, and left running');
    return runs;
  } catch (error) {
    if (error instanceof LoopyardError && error.code === 'ENVIRONMENT_NOT_FOUND') return false;
    throw error;
  }
}

const RUNS: ReadonlySet<string> = new Set(['pending', 'starting', 'running', 'ready', 'unready', 'backoff']);

async function inTime(ready: Promise<void>, timeoutMs: number | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([ready, expired]);
  clearTimeout(timer);
}
