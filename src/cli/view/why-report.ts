/** `lo why` for people: the answer first, then binds, who is reached, and the causes. It must not know where the report came from. */

import type { BindAddress, CauseDocument, WhyReport } from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import type { Column } from '../printer/table.ts';
import { safe, wrap } from '../printer/text.ts';
import { answerLine, bindText, isTaken, reachedText } from './why-words.ts';

const BINDS: readonly (readonly [BindAddress, string])[] = [
  ['127.0.0.1', 'this machine, IPv4'],
  ['::1', 'this machine, IPv6'],
  ['0.0.0.0', 'every IPv4 address'],
  ['::', 'every address, both families'],
];

const BIND_COLUMNS: readonly Column[] = [
  { title: 'A SERVER ON' },
  { title: 'WHICH IS', drop: 1 },
  { title: 'GETS THE PORT' },
];

const CLIENT_COLUMNS: readonly Column[] = [{ title: 'A CLIENT OF' }, { title: 'REACHES', least: 10 }];

export function printWhy(printer: Printer, report: WhyReport): void {
  for (const line of wrap(safe(answerLine(report)), printer.look.width()))
    printer.line(printer.paint(line, 'bold'));
  printer.line();
  const binds = BINDS.map(([address, words]) => [address, words, bindText(report, address)]);
  printer.table(BIND_COLUMNS, binds, '  ');
  if (report.listeners.some(({ protocol }) => protocol === 'tcp')) printClients(printer, report);
  const told = new Set<string>();
  for (const cause of report.causes) printCause(printer, cause, told);
  printUnseen(printer, report);
}

function printClients(printer: Printer, report: WhyReport): void {
  const { port, answers, localhost } = report;
  const rows: readonly (readonly [string, string])[] = [
    [`127.0.0.1:${port}`, reachedText(report, answers['127.0.0.1'], ['127.0.0.1'])],
    [`[::1]:${port}`, reachedText(report, answers['::1'], ['::1'])],
    [`localhost:${port}, IPv6 first`, reachedText(report, localhost.ipv6First, ['127.0.0.1', '::1'])],
    [`localhost:${port}, IPv4 first`, reachedText(report, localhost.ipv4First, ['127.0.0.1', '::1'])],
  ];
  printer.line();
  printer.table(
    CLIENT_COLUMNS,
    rows.map(([what, who]) => [what, safe(who)]),
    '  ',
  );
  if (localhost.order.length > 0)
    printer.line(printer.paint(`  localhost is ${localhost.order.join(', then ')} on this machine`, 'dim'));
}

/** `told`: evidence that several causes share is shown once. */
function printCause(printer: Printer, cause: CauseDocument, told: Set<string>): void {
  const { code, text, evidence, fix, sure } = cause;
  printer.line();
  const head = `${code} (${sure}):`;
  const [first = '', ...more] = folded(printer, `${head} ${safe(text)}`, 0);
  printer.line(first.replace(head, printer.paint(head, 'yellow', 'bold')));
  printer.lines(more);
  for (const line of evidence) if (!told.has(line)) printDim(printer, safe(line), 2);
  for (const line of evidence) told.add(line);
  // Not folded: a command that is broken cannot be pasted.
  if (fix !== null) printer.line(`  ${printer.paint('fix:', 'cyan', 'bold')} ${safe(fix)}`);
}

/** Only where it may be what the answer lacks: somebody holds the port, and is not seen. */
function printUnseen(printer: Printer, report: WhyReport): void {
  const { listeners, causes, unseen } = report;
  const isSure = causes.every(({ sure }) => sure === 'certain') && (causes.length > 0 || !isTaken(report));
  const isWhole = isSure && listeners.every(({ ownerVisible }) => ownerVisible);
  if (isWhole || unseen.length === 0) return;
  printer.line();
  for (const { what, why, fix } of unseen)
    printDim(printer, safe(`not seen: ${what}: ${why}${fix === null ? '' : `; ${fix}`}`), 0);
}

function printDim(printer: Printer, text: string, indent: number): void {
  for (const line of folded(printer, text, indent)) printer.line(printer.paint(line, 'dim'));
}

/** Wider lines are hard to read. */
const WIDEST = 110;

/** What does not fit stands below, two columns further in. */
function folded(printer: Printer, text: string, indent: number): readonly string[] {
  const room = Math.min(printer.look.width(), WIDEST) - indent - 2;
  return wrap(text, room).map((line, index) => ' '.repeat(index === 0 ? indent : indent + 2) + line);
}
