/** An audit on the screen: findings as they come, what is looked at now at the bottom of a terminal, a summary at the end. */

import type { AuditEvent, AuditFinding, AuditReport, AuditSkip, Severity } from '../../core/audit.ts';
import { SEVERITIES } from '../../core/audit.ts';
import type { Context } from '../command.ts';
import type { Printer } from '../printer/printer.ts';
import type { Paint } from '../printer/style.ts';
import { fit, safe, wrap } from '../printer/text.ts';

const PAINTS: Readonly<Record<Severity, Paint>> = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'dim',
};

/** Lines of reading are not longer, however wide the screen is. */
const WIDEST = 110;
const WIDTH = 'critical'.length;

export class AuditView {
  readonly #printer: Printer;
  readonly #explain: boolean;
  /** Findings are printed; false: a document follows. */
  readonly #prints: boolean;
  readonly #live: boolean;
  readonly #current = new Set<string>();
  #done = 0;
  #targets = 0;

  constructor(context: Context, document: boolean) {
    this.#printer = document ? context.aside : context.printer;
    this.#explain = context.args.flag('explain');
    this.#prints = !document;
    this.#live = this.#printer.look.live;
  }

  take(event: AuditEvent): void {
    if (event.type === 'plan') this.#targets = event.targets.length;
    if (event.type === 'target') this.#target(event.target, event.state);
    if (event.type === 'finding' && this.#prints) this.#finding(event.finding);
  }

  end(report: AuditReport): void {
    if (this.#live) this.#printer.endDrawing(false);
    if (!this.#prints) return;
    this.#printer.lines(skippedLines(report.skipped));
    this.#printer.lines(report.notes.map(safe));
    this.#printer.line(summaryOf(report));
  }

  #target(target: string, state: 'started' | 'finished'): void {
    if (state === 'started') this.#current.add(target);
    else if (this.#current.delete(target)) this.#done += 1;
    if (!this.#live) return;
    const names = [...this.#current].map(safe).join(', ');
    const line = `${this.#done} of ${this.#targets} looked at${names === '' ? '' : `, now ${names}`}`;
    this.#printer.draw([this.#printer.paint(fit(line, this.#printer.look.width() - 1, '…'), 'dim')]);
  }

  #finding(finding: AuditFinding): void {
    const { paint } = this.#printer;
    const { verdict, severity, check, title, evidence, fix } = finding;
    const isBad = verdict === 'vulnerable';
    const word = isBad
      ? severity
      : verdict === 'not-applicable'
        ? 'n/a'
        : verdict === 'safe'
          ? 'safe'
          : 'unknown';
    const mark = paint(word.padEnd(WIDTH), isBad ? PAINTS[severity] : 'dim');
    const pad = ' '.repeat(WIDTH + 2);
    const room = Math.min(this.#printer.look.width(), WIDEST) - pad.length - 2;
    const signs = evidence.signs.flatMap((sign) => bullet(safe(sign), room).map((line) => pad + line));
    const fixes = fix === null ? [] : wrap(`fix: ${safe(fix)}`, room).map((line) => pad + line);
    const accepted =
      finding.accepted === undefined
        ? []
        : [`${pad}accepted until ${finding.accepted.expires}: ${safe(finding.accepted.reason)}`];
    this.#printer.lines([
      `${mark}  ${paint(check, 'bold')}  ${isBad ? title : whereText(finding)}`,
      ...(isBad ? [`${pad}${paint(whereText(finding), 'bold')}`] : []),
      ...signs,
      ...fixes,
      ...accepted,
      ...(this.#explain ? exchangeLines(finding, pad) : []),
      ...(isBad ? [''] : []),
    ]);
  }
}

/** `api · 127.64.3.1:3000 · node (pid 4711) · loopyard.yaml:7` */
function whereText({ target }: Pick<AuditFinding, 'target'>): string {
  const { name, address, port, pid, process, place, protocol } = target;
  const at =
    address === null
      ? []
      : [`${address.includes(':') ? `[${address}]` : address}:${port}${protocol === 'udp' ? '/udp' : ''}`];
  const who = process === null ? [] : [`${process}${pid === null ? '' : ` (pid ${pid})`}`];
  const where = place === null ? [] : [`${place.file}:${place.line}`];
  return [name, ...at, ...who, ...where].map(safe).join(' · ');
}

function bullet(text: string, room: number): readonly string[] {
  return wrap(text, room).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

function exchangeLines({ evidence }: AuditFinding, pad: string): readonly string[] {
  return evidence.exchanges.flatMap(({ sent, received, end, tls }, index) => [
    `${pad}exchange ${index + 1}${tls ? ', over TLS' : ''} (${end})`,
    ...sent.split('\n').map((line) => `${pad}  > ${safe(line)}`),
    ...received.split('\n').map((line) => `${pad}  < ${safe(line)}`),
  ]);
}

/** Several checks that could not look for the same reason are one line. */
function skippedLines(skipped: readonly AuditSkip[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { check, target, reason } of skipped) {
    const key = `${target}: ${reason}`;
    reasons.set(key, [...(reasons.get(key) ?? []), check]);
  }
  return [...reasons].map(([key, checks]) => {
    const which = checks.includes('*')
      ? ''
      : ` (${checks.length > 4 ? `${checks.length} checks` : checks.join(', ')})`;
    return `not looked at: ${safe(key)}${which}`;
  });
}

function summaryOf({ findings, checked }: AuditReport): string {
  const found = findings.filter(
    ({ verdict, accepted }) => verdict === 'vulnerable' && accepted === undefined,
  );
  const parts = [...SEVERITIES].reverse().flatMap((severity) => {
    const amount = found.filter((finding) => finding.severity === severity).length;
    return amount === 0 ? [] : [`${amount} ${severity}`];
  });
  const looked = `${amountOf(checked.targets, 'listener')}, ${amountOf(checked.checks, 'check')}, ${amountOf(checked.requests, 'request')}`;
  const accepted = findings.filter((finding) => finding.accepted !== undefined).length;
  const rest = accepted === 0 ? '' : `, ${accepted} accepted`;
  const what =
    parts.length === 0 ? 'nothing found' : `${amountOf(found.length, 'finding')} (${parts.join(', ')})`;
  return `${what}${rest}: ${looked}`;
}

function amountOf(amount: number, word: string): string {
  return `${amount} ${word}${amount === 1 ? '' : 's'}`;
}
