/** `lo kill` for people: what it will do and why that runs, then what came of it. It must not know how anything is ended. */

import type { KillReport } from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import { safe } from '../printer/text.ts';
import { endedText, respawnText, stepDetails, stepText } from './kill-words.ts';

export function printPlan(printer: Printer, report: KillReport): void {
  for (const step of report.steps) {
    const paint = step.kind === 'refused' ? 'yellow' : 'bold';
    printer.line(`port ${report.port}: ${printer.paint(safe(stepText(step)), paint)}`);
    for (const line of stepDetails(step)) printer.line(printer.paint(`  ${safe(line)}`, 'dim'));
  }
  if (report.steps.length === 0) printer.line(`port ${report.port}: nothing listens`);
}

export function printEnded(printer: Printer, report: KillReport): void {
  const { free, problems } = report;
  if (report.steps.length === 0) return;
  printer.line(printer.paint(safe(endedText(report)), free ? 'green' : 'red'));
  for (const { text, fix } of problems) {
    printer.line(`  ${safe(text)}`);
    if (fix !== null) printer.line(`  ${printer.paint('fix:', 'cyan', 'bold')} ${safe(fix)}`);
  }
}

/** `wasFree`: as the line before said. */
export function printComeback(printer: Printer, report: KillReport, wasFree: boolean): void {
  const text = respawnText(report) ?? (wasFree && !report.free ? takenText(report) : null);
  if (text === null) return;
  printer.line(printer.paint(safe(text), 'yellow', 'bold'));
  const fix = report.respawner?.fix ?? `lo why ${report.port}`;
  printer.line(`  ${printer.paint('fix:', 'cyan', 'bold')} ${safe(fix)}`);
}

function takenText({ port }: KillReport): string {
  return `port ${port} is taken again, by somebody who is not seen`;
}
