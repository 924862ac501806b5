/** `lo link ls`: links as a table, those who go without one, and both live. It must not know where they came from. */

import type { Caller, RefusedCaller } from '../../core/guard.ts';
import type { LinkDocument, LinkList, UndeclaredCaller } from '../../core/link-list.ts';
import { formatSize } from '../../core/units.ts';
import type { Printer } from '../printer/printer.ts';
import type { Cell, Column } from '../printer/table.ts';
import { safe } from '../printer/text.ts';
import { faultText } from './fault-words.ts';

/** An address that is cut is none, so it never is. */
const COLUMNS: readonly Column[] = [
  { title: 'LINK', least: 8 },
  { title: 'LISTENS ON' },
  { title: 'LEADS TO', drop: 4 },
  { title: 'OPEN', align: 'right' },
  { title: 'EVER', align: 'right', drop: 3 },
  { title: 'IN', align: 'right', drop: 1 },
  { title: 'OUT', align: 'right', drop: 1 },
  { title: 'FIRST BYTE', align: 'right', drop: 2 },
  { title: 'NOTE', least: 8 },
];

export function printLinks(printer: Printer, list: LinkList, now: number): void {
  if (list.links.length === 0) printer.line(NO_LINK);
  else printer.lines(tableOf(printer, list, now));
  printer.lines(callerLines(printer, list));
}

const NO_LINK =
  'There is no link. Services get one for each of their `needs`; `lo link add PORT` makes one to any port.';

export function printAdded(printer: Printer, { links }: LinkList): void {
  for (const { name, listen, upstream } of links) {
    const target = upstream === null ? 'nowhere' : placeWords(upstream);
    printer.line(`${printer.paint(safe(name), 'bold')}: ${placeWords(listen)} leads to ${target}`);
    printer.line(
      `\`lo fault add ${safe(name)} latency=200ms\` slows it, \`lo link rm ${safe(name)}\` removes it`,
    );
  }
}

/** On a terminal the table in place; else a line for each link that changed. */
export class LinkWatchView {
  readonly #printer: Printer;
  #last = new Map<string, string>();

  constructor(printer: Printer) {
    this.#printer = printer;
  }

  take(list: LinkList, now: number): void {
    const lines = [
      ...(list.links.length === 0 ? [NO_LINK] : tableOf(this.#printer, list, now)),
      ...callerLines(this.#printer, list),
    ];
    if (this.#printer.look.live) this.#printer.draw(lines);
    else this.#append(list, now);
  }

  #append({ links, undeclared }: LinkList, now: number): void {
    const lines = new Map(links.map((link) => [keyOf(link), lineOf(link, now)]));
    for (const caller of undeclared)
      lines.set(`undeclared ${caller.pid} ${caller.to}`, undeclaredText(caller));
    for (const [key, line] of lines) if (this.#last.get(key) !== line) this.#printer.line(line);
    for (const key of this.#last.keys()) if (!lines.has(key)) this.#printer.line(`gone: ${safe(key)}`);
    this.#last = lines;
  }
}

function tableOf(printer: Printer, { links, lagMs }: LinkList, now: number): readonly string[] {
  const rows = links.map((link): readonly Cell[] => [
    { text: safe(link.name), paints: ['bold'] },
    placeWords(link.listen),
    link.upstream === null ? '' : placeWords(link.upstream),
    String(link.connections),
    String(link.accepted),
    bytesWords(link.bytesIn, link.rateIn),
    bytesWords(link.bytesOut, link.rateOut),
    link.firstByteMs === null ? '' : `${roundMs(link.firstByteMs)}ms`,
    {
      text: safe(noteOf(link, now)),
      paints: isCalm(link) ? ['dim'] : ['yellow'],
    },
  ]);
  const isDisturbed = links.some(({ faults }) => faults.length > 0);
  // A machine that is busy must not be taken for a slow network.
  const lag =
    isDisturbed && lagMs !== null
      ? [printer.paint(`The gateway was late by ${roundMs(lagMs)}ms at most.`, 'dim')]
      : [];
  return [...printer.formatTable(COLUMNS, rows), ...lag];
}

function noteOf(link: LinkDocument, now: number): string {
  const { upstream, listening, error, faults, lastError } = link;
  if (error !== null) return `does not listen: ${error}`;
  const disturbed = faults.map((fault) => faultText(fault, now)).join('; ');
  if (upstream === null) return joined('nobody to lead to', disturbed);
  if (!listening) return joined('does not listen', disturbed);
  const failed = disturbed === '' && lastError !== null ? `last error: ${lastError.text}` : disturbed;
  return joined(accessWords(link), failed);
}

function joined(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('; ');
}

function accessWords({ access, refused }: LinkDocument): string {
  if (access === 'open') return '';
  const count = refused?.count ?? 0;
  return count === 0 ? 'declared callers only' : `declared callers only, refused ${count}`;
}

function isCalm({ error, faults, refused }: LinkDocument): boolean {
  return error === null && faults.length === 0 && (refused?.count ?? 0) === 0;
}

function lineOf(link: LinkDocument, now: number): string {
  const { name, connections, accepted, bytesIn, bytesOut } = link;
  const note = noteOf(link, now);
  const counts = `${connections} open, ${accepted} ever, ${formatSize(bytesIn)} in, ${formatSize(bytesOut)} out`;
  return `${safe(name)}  ${counts}${note === '' ? '' : `  ${safe(note)}`}`;
}

/** Who goes without a link, who was refused, and what a guard cannot stop. */
function callerLines(printer: Printer, { links, undeclared }: LinkList): readonly string[] {
  const refused = links.flatMap((link) =>
    (link.refused?.callers ?? []).map(
      (caller) => `${printer.paint('refused:', 'yellow')} ${refusedText(link, caller)}`,
    ),
  );
  const beside = undeclared.map(
    (caller) => `${printer.paint('without a link:', 'yellow')} ${undeclaredText(caller)}`,
  );
  return [...refused, ...beside, ...openLines(links).map((line) => printer.paint(line, 'dim'))];
}

function refusedText({ name }: LinkDocument, caller: RefusedCaller): string {
  const times = caller.count === 1 ? '' : `, ${caller.count} times`;
  return safe(`${callerWords(caller)} at ${name}${times}`);
}

/** What lies behind a door can be reached by whoever finds it. */
function openLines(links: readonly LinkDocument[]): readonly string[] {
  const places = new Map<string, string[]>();
  for (const { access, from, to, upstream } of links) {
    if (access === 'open' || from !== null || to === null || upstream === null) continue;
    places.set(to, [...(places.get(to) ?? []), placeWords(upstream)]);
  }
  return [...places].map(([to, own]) =>
    safe(
      `${to} has \`access: declared\`; whoever finds where it listens itself, ${own.join(' and ')}, is not asked`,
    ),
  );
}

function undeclaredText(caller: UndeclaredCaller): string {
  const { to, endpoint, connections } = caller;
  const count = connections === 1 ? 'one connection' : `${connections} connections`;
  return safe(`${callerWords(caller)} has ${count} to ${to}/${endpoint}`);
}

/** `psql (pid 812)`, `worker: node (pid 813)` */
export function callerWords({ service, program, pid }: Caller): string {
  const process = pid === null ? program : `${program} (pid ${pid})`;
  return service === null ? process : `${service}: ${process}`;
}

function keyOf({ name, environment }: LinkDocument): string {
  return environment === null ? name : `${name} of ${environment.name}`;
}

/** Rates where something flows, else the sum. */
function bytesWords(bytes: number, rate: number): string {
  return rate > 0 ? `${formatSize(rate)}/s` : bytes === 0 ? '' : formatSize(bytes);
}

function placeWords({ address, port }: LinkDocument['listen']): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function roundMs(ms: number): number {
  return ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms);
}
