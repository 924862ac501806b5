/** `lo attack`: does my service stand the known localhost attacks? */

import { conclude } from '../audit-run.ts';
import { AUDIT_OPTIONS, AUDIT_TARGETS, choose, prepareAudit } from '../auditing.ts';
import type { Command } from '../command.ts';
import { printAttackPlan } from '../view/audit-plan.ts';
import { YES } from './shared.ts';

export const attack: Command = {
  usage: ['[TARGET…] [--yes] [--check ID] [--fail-on SEVERITY]', '--list'],
  description: [
    'Does to your own services what a web page or a neighbour could do: foreign host names, cross-site requests, hijacked WebSockets, paths that lead out of the served directory, requests that two programs read differently. It runs the checks of `lo audit` too.',
    'It shows first what it will send to whom, and asks. Nothing is written or deleted on purpose, and files are read only to find a canary of its own; but a server that does things on GET will do them. Only loopback addresses are attacked.',
  ],
  positionals: [AUDIT_TARGETS],
  options: [YES, ...AUDIT_OPTIONS],
  rest: null,
  examples: [
    { command: 'lo attack web', meaning: 'Show what would be sent, ask, try it.' },
    { command: 'lo attack web --yes --format junit > attack.xml', meaning: 'In CI, without asking.' },
    { command: 'lo attack 3000 --check WEB-01', meaning: 'DNS rebinding alone.' },
  ],
  exits: {
    '1': 'there are findings at or above --fail-on, or the answer was no',
    '2': 'a target is no loopback address, the words are wrong, or nobody can be asked and there is no --yes',
    '3': 'there was nothing to look at, or nothing could be looked at',
  },
  needsDaemon: false,
  run: async (context) => {
    const auditing = await prepareAudit(context);
    const checks = choose(context.args, auditing.checks, true);
    if (context.args.flag('list')) return auditing.list(checks);
    const scope = await auditing.scope();
    const { json, printer, aside } = context;
    // Beside a document the plan goes to standard error.
    printAttackPlan(
      json || context.args.text('format') !== undefined ? aside : printer,
      scope.targets,
      checks,
      auditing.auditor.sharedRequests,
    );
    const count = scope.targets.length === 1 ? '1 server' : `${scope.targets.length} servers`;
    if (!(await context.confirm(`attacking ${count}`, `Attack ${count}?`))) return 1;
    return await conclude(context, auditing, scope, checks);
  },
};
