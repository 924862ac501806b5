/**
 * What is shown when a command did not do what it should: known errors with their next step, anything else as a bug with its stack.
 * It must not end the process.
 */

import { ERRORS, LoopyardError, reasonOf } from '../core/errors.ts';
import type { Printer } from './printer/printer.ts';
import { safe, safeLogLine } from './printer/text.ts';

/** The exit code of our own failures where the other codes belong to the program that is run. */
const OWN_FAILURE = 125;

export interface FailureFacts {
  readonly json: boolean;
  readonly passesCode: boolean;
}

/** Prints the failure and gives the exit code. */
export function printFailure(printer: Printer, thrown: unknown, facts: FailureFacts): number {
  printer.endDrawing(true);
  const error =
    thrown instanceof LoopyardError
      ? thrown
      : new LoopyardError('INTERNAL', { reason: reasonOf(thrown) }, [], thrown);
  if (facts.json) printer.event({ error: error.toDocument() });
  else printWords(printer, error);
  if (error.code === 'INTERNAL') printStack(printer, thrown);
  const { exit } = error;
  return facts.passesCode && exit !== 126 && exit !== 127 && exit !== 130 ? OWN_FAILURE : exit;
}

function printWords(printer: Printer, error: LoopyardError): void {
  const { errorPaint: paint } = printer;
  // Context may quote programs, so its colours stay but nothing that moves the cursor.
  for (const line of error.context) printer.note(safeLogLine(line, paint('x', 'bold') !== 'x'));
  printer.note(`${paint(`error[${error.code}]:`, 'red', 'bold')} ${safe(error.message)}`);
  const hint = error.code === 'INTERNAL' ? ERRORS.INTERNAL.hint.replace('above', 'below') : error.hint;
  printer.note(`${paint('hint:', 'cyan', 'bold')} ${safe(hint)}`);
}

function printStack(printer: Printer, thrown: unknown): void {
  const stack = thrown instanceof Error && thrown.stack !== undefined ? thrown.stack : String(thrown);
  printer.note(`loopyard ${__LOOPYARD_VERSION__} (${__LOOPYARD_BUILD__}), node ${process.version}`);
  printer.note(stack);
}
