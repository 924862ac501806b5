/** `lo trust` for people: the steps with their commands, then what came of them. It must not know how a store works. */

import type { AuthorityReport } from '../../core/naming.ts';
import type { TriedStep, TrustStep } from '../../core/trust.ts';
import type { Printer } from '../printer/printer.ts';
import { safe } from '../printer/text.ts';

export function printPlan(
  printer: Printer,
  authority: AuthorityReport,
  steps: readonly TrustStep[],
  remove: boolean,
): void {
  printer.line(`certificate: ${safe(authority.certificate)}`);
  if (authority.fingerprint !== null)
    printer.line(printer.paint(`  SHA-256 ${authority.fingerprint}`, 'dim'));
  for (const step of steps) printStep(printer, step, remove);
  if (steps.length > 0 && steps.every(({ state }) => state === 'done'))
    printer.line(remove ? 'nothing to remove' : 'nothing to do: every store trusts it already');
}

function printStep(
  printer: Printer,
  { name, path, state, why, fix, acts }: TrustStep,
  remove: boolean,
): void {
  const words = {
    done: remove ? 'not there' : 'trusts it',
    todo: remove ? 'remove' : 'add',
    impossible: why,
  };
  const paint = { done: 'green', todo: 'bold', impossible: 'yellow' } as const;
  const place = path === '' ? '' : ` (${safe(path)})`;
  printer.line(`${name}${place}: ${printer.paint(safe(words[state] ?? ''), paint[state])}`);
  for (const argv of acts) printer.line(printer.paint(`  ${safe(argv.map(quoted).join(' '))}`, 'dim'));
  if (fix !== null) printer.line(`  ${printer.paint('fix:', 'cyan', 'bold')} ${safe(fix)}`);
}

export function printTried(printer: Printer, steps: readonly TriedStep[], remove: boolean): void {
  const tried = steps.filter(({ state }) => state === 'todo');
  for (const { name, error } of tried) {
    const good = remove ? 'removed' : 'added';
    const words = error === null ? printer.paint(good, 'green') : printer.paint(safe(error), 'red');
    printer.line(`${name}: ${words}`);
  }
  if (remove || tried.some(({ error }) => error !== null)) return;
  printer.line('browsers that run must be started again; `lo trust --remove` takes it back');
}

/** As it can be pasted into a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
