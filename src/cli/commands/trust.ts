/** `lo trust`: makes the home's authority known to this machine's programs, or takes that back. */

import { LoopyardError } from '../../core/errors.ts';
import { SCHEMA_VERSION } from '../../core/status.ts';
import type { TriedStep, TrustReport, TrustStep } from '../../core/trust.ts';
import type { Command } from '../command.ts';
import { printPlan, printTried } from '../view/trust-report.ts';
import { YES } from './shared.ts';

export const trust: Command = {
  usage: ['[--yes]', '--remove [--yes]', '[--remove] --dry-run'],
  description: [
    'Makes the certificate authority of this home known to the system store and to the databases of Chromium and Firefox, so that `https://web.shop.localhost` opens without a warning. It shows each step with its exact commands first and asks once. Only the system store needs `sudo`.',
    'The authority was made on this machine, its key never leaves the home, and by its own constraints it vouches for `.localhost` and loopback addresses only. Services need none of this: they are given NODE_EXTRA_CA_CERTS.',
    '--remove takes everything back. On macOS and Windows the steps are written and untested.',
  ],
  positionals: [],
  options: [
    YES,
    { name: 'remove', summary: 'Take it back everywhere' },
    { name: 'dry-run', short: 'n', summary: 'Show the steps and do none' },
  ],
  rest: null,
  examples: [
    { command: 'lo trust', meaning: 'Show the steps, ask, carry them out.' },
    { command: 'lo trust --remove', meaning: 'Undo them.' },
    { command: 'lo trust --dry-run', meaning: 'Only show them.' },
  ],
  exits: {
    '0': 'it is known everywhere, or nowhere with --remove',
    '1': 'the answer was no',
    '3': 'a store could not be changed',
  },
  needsDaemon: true,
  run: async (context) => {
    const { args, json, printer, aside } = context;
    const remove = args.flag('remove');
    const dryRun = args.flag('dry-run');
    const workbench = await context.connect();
    // Taking back needs no certificate, and showing must not make one.
    const authority = await workbench.authority({ make: !remove && !dryRun });
    const local = await import('../../daemon/local.ts');
    const truster = local.truster(context.variables);
    const steps = await truster.plan(remove);
    const report = (tried: readonly TriedStep[], carriedOut: boolean): TrustReport => ({
      ...{ schema: SCHEMA_VERSION, certificate: authority.certificate, fingerprint: authority.fingerprint },
      ...{ remove, carriedOut, steps: tried },
    });
    if (!json || (context.canAsk && !dryRun && !args.flag('yes')))
      printPlan(json ? aside : printer, authority, steps, remove);
    const todo = steps.filter(({ state }) => state === 'todo');
    if (dryRun || todo.length === 0) return conclude(report(untried(steps), false));
    const action = remove ? 'no longer trusting' : 'trusting';
    if (!(await context.confirm(`${action} this certificate`, questionOf(todo, remove)))) return 1;
    const tried = await truster.carryOut(remove, steps);
    if (!json) printTried(printer, tried, remove);
    return conclude(report(tried, true));

    function conclude(document: TrustReport): number {
      if (json) printer.document(document);
      if (!dryRun) failWhenIncomplete(document);
      return 0;
    }
  },
};

function untried(steps: readonly TrustStep[]): readonly TriedStep[] {
  return steps.map((step) => ({ ...step, error: null }));
}

function questionOf(todo: readonly TrustStep[], remove: boolean): string {
  const places = todo.length === 1 ? 'this store' : `these ${todo.length} stores`;
  return remove ? `Remove it from ${places}?` : `Add it to ${places}?`;
}

/** Errors: TRUST_INCOMPLETE, with the others above it. */
function failWhenIncomplete({ steps, remove }: TrustReport): void {
  const [first, ...others] = steps.flatMap(({ name, path, state, why, fix, error }) => {
    if (error === null && state !== 'impossible') return [];
    const again = remove ? 'lo trust --remove' : 'lo trust';
    return [
      { store: `${name} ${path}`.trim(), reason: error ?? why ?? '', fix: fix ?? `repeat \`${again}\`` },
    ];
  });
  if (first === undefined) return;
  const context = others.map(({ store, reason }) => `${store}: ${reason}`);
  throw new LoopyardError('TRUST_INCOMPLETE', { done: remove ? 'removed' : 'made known', ...first }, context);
}
