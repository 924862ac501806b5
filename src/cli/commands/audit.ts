/** `lo audit`: is anything here open that should not be? */

import { conclude } from '../audit-run.ts';
import { AUDIT_OPTIONS, AUDIT_TARGETS, choose, prepareAudit } from '../auditing.ts';
import type { Command } from '../command.ts';

export const audit: Command = {
  usage: ['[TARGET…] [--check ID] [--fail-on SEVERITY] [--format FORMAT]', '--list'],
  description: [
    'Looks for what is open on localhost and should not be: servers that other machines reach, databases without a password, debug ports, secrets and weak TLS. It is a tool for your own machine: whatever is not a loopback address is refused, before and after connecting, and no option changes that.',
    'Without a target it takes the services of this environment; outside a project, your own listeners. It reads the socket table and sends each listener a small number of harmless requests that change nothing; `--list` shows how many. `lo attack` tries more.',
    'Each finding has its evidence, how sure it is, and the shortest fix for that program. `unknown` is never told as safe: what could not be looked at is listed.',
  ],
  positionals: [AUDIT_TARGETS],
  options: AUDIT_OPTIONS,
  rest: null,
  examples: [
    { command: 'lo audit', meaning: 'The services of this project, or your listeners.' },
    { command: 'lo audit 3000 6379', meaning: 'What listens on two ports.' },
    { command: 'lo audit api --check STO --explain', meaning: 'One group of checks, with every byte.' },
    { command: 'lo audit --fail-on high --format sarif > audit.sarif', meaning: 'In CI.' },
  ],
  exits: {
    '1': 'there are findings at or above --fail-on',
    '2': 'a target is no loopback address, or the words are wrong',
    '3': 'there was nothing to look at, or nothing could be looked at',
  },
  needsDaemon: false,
  run: async (context) => {
    const auditing = await prepareAudit(context);
    const checks = choose(context.args, auditing.checks, false);
    if (context.args.flag('list')) return auditing.list(checks);
    return await conclude(context, auditing, await auditing.scope(), checks);
  },
};
