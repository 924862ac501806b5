/**
 * The doctor's report as one page: grouped, what is good in a line, what is not at length with its fix, a last line that sums up. It
 * must not know how things were found out.
 */

import type { CheckGroup, DoctorReport, Verdict } from '../../core/status.ts';
import type { Printer } from '../printer/printer.ts';
import type { Paint } from '../printer/style.ts';
import { displayWidth, fit, padEnd, safe, wrap } from '../printer/text.ts';

type Checked = DoctorReport['checks'][number];

const GROUPS: Readonly<Record<CheckGroup, string>> = {
  node: 'Node and shell',
  network: 'Network',
  state: 'State',
  machine: 'Machine',
};

const LOOKS: Readonly<Record<Verdict, { readonly symbol: string; readonly paint: Paint }>> = {
  ok: { symbol: '✓', paint: 'green' },
  warn: { symbol: '!', paint: 'yellow' },
  fail: { symbol: '✗', paint: 'red' },
  unknown: { symbol: '?', paint: 'cyan' },
};

/** Lines of reading are not longer, however wide the screen is. */
const WIDEST = 110;
const LONGEST_VERDICT = 'unknown'.length;

export function printDoctor(printer: Printer, report: DoctorReport): void {
  const indent = 2 + markOf(printer, 'unknown').length + 1;
  const titles = Math.max(...report.checks.map(({ title }) => displayWidth(title)), 0);
  for (const group of groupsOf(report)) {
    printer.line(printer.paint(GROUPS[group] ?? group, 'bold'));
    for (const check of report.checks)
      if (check.group === group) printer.lines(linesOf(printer, check, indent, titles));
    printer.line();
  }
  printer.line(summaryOf(printer, report));
}

/** In the order of the report; a newer one may have groups that are not known here. */
function groupsOf(report: DoctorReport): readonly CheckGroup[] {
  return [...new Set(report.checks.map(({ group }) => group))];
}

function markOf(printer: Printer, verdict: Verdict): string {
  const word = verdict.padEnd(LONGEST_VERDICT);
  return printer.look.unicode ? `${LOOKS[verdict].symbol} ${word}` : word;
}

function linesOf(printer: Printer, check: Checked, indent: number, titles: number): readonly string[] {
  const { verdict, title } = check;
  const text = safe(check.text);
  const mark = printer.paint(markOf(printer, verdict), LOOKS[verdict].paint);
  const head = `  ${mark} ${printer.paint(padEnd(title, titles), 'bold')}  `;
  const column = indent + titles + 2;
  if (verdict === 'ok') return [head + fit(text, printer.look.width() - column, printer.ellipsis)];
  const room = Math.min(printer.look.width(), WIDEST) - column;
  const [first = '', ...more] = wrap(text, room);
  return [
    head + first,
    ...more.map((line) => ' '.repeat(column) + line),
    ...fixLines(printer, check.fix, column),
  ];
}

/** Not wrapped: a command that is broken cannot be pasted. */
function fixLines(printer: Printer, fix: string | null, column: number): readonly string[] {
  if (fix === null) return [];
  const pad = ' '.repeat(column);
  return fix.split('\n').map((line) => `${pad}${printer.paint('fix:', 'cyan')} ${safe(line)}`);
}

const WORDS: Readonly<Record<Verdict, readonly [string, string]>> = {
  ok: ['good', 'good'],
  warn: ['warning', 'warnings'],
  fail: ['failure', 'failures'],
  unknown: ['unknown', 'unknown'],
};

function summaryOf(printer: Printer, { checks }: DoctorReport): string {
  const parts = (['ok', 'warn', 'fail', 'unknown'] as const).flatMap((verdict) => {
    const amount = checks.filter((check) => check.verdict === verdict).length;
    if (amount === 0 && verdict !== 'ok') return [];
    const words = `${amount} ${WORDS[verdict][amount === 1 ? 0 : 1]}`;
    return [verdict === 'ok' ? words : printer.paint(words, LOOKS[verdict].paint)];
  });
  return `${checks.length} checks: ${parts.join(', ')}`;
}
