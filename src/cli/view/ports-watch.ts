/** `lo ports --watch`: changes as lines, and on a terminal the table below them. It must not know who looks. */

import type { ListenerDocument, PortsEvent } from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import { padEnd, safe } from '../printer/text.ts';
import { notesOf, printPorts, tableOf } from './ports-table.ts';
import { isExposed, ownerWords, placeWords, portWords } from './ports-words.ts';

export class PortsWatchView {
  readonly #printer: Printer;
  #listeners: readonly ListenerDocument[] = [];
  #isFirst = true;

  constructor(printer: Printer) {
    this.#printer = printer;
  }

  take(event: PortsEvent): void {
    if (event.type !== 'snapshot') this.#printer.line(this.#line(event));
    this.#listeners = applied(this.#listeners, event);
    if (this.#printer.look.live) this.#draw();
    else if (event.type === 'snapshot' && this.#isFirst) this.#printStart(event.report);
    this.#isFirst = false;
  }

  #printStart(report: Parameters<typeof printPorts>[1]): void {
    if (report.listeners.length === 0) this.#printer.line('Nothing listens yet.');
    printPorts(this.#printer, report);
    this.#printer.line();
  }

  #draw(): void {
    const listeners = [...this.#listeners].sort(byPort);
    const rows = listeners.length === 0 ? ['Nothing listens.'] : tableOf(this.#printer, listeners);
    this.#printer.draw([...rows, ...notesOf(this.#printer, { listeners, unseen: [] })]);
  }

  /** `12:03:04 opened  3000/tcp  loopback (IPv4): node (pid 4711), started by npm in ~/shop` */
  #line(event: Exclude<PortsEvent, { type: 'snapshot' }>): string {
    const { type, at, listener } = event;
    const text =
      event.type === 'changed'
        ? `${whole(listener)}; before: ${differing(event.before, listener)}`
        : type === 'closed'
          ? `${place(listener)}, was ${owner(listener)}`
          : whole(listener);
    const paint = type === 'closed' ? 'dim' : isExposed(listener) ? 'yellow' : 'green';
    const time = this.#printer.paint(clock(at), 'dim');
    return `${time} ${this.#printer.paint(padEnd(type, 7), paint)} ${safe(text)}`;
  }
}

/** Listeners after the event, in any order. */
function applied(listeners: readonly ListenerDocument[], event: PortsEvent): readonly ListenerDocument[] {
  if (event.type === 'snapshot') return event.report.listeners;
  const gone = event.type === 'changed' ? event.before : event.type === 'closed' ? event.listener : null;
  const at = gone === null ? -1 : listeners.findIndex((one) => identity(one) === identity(gone));
  const left = at < 0 ? listeners : listeners.toSpliced(at, 1);
  return event.type === 'closed' ? left : [...left, event.listener];
}

function identity({ protocol, address, port, owners }: ListenerDocument): string {
  return `${protocol} ${address} ${port} ${owners.map(({ pid, started }) => `${pid} ${started}`).join()}`;
}

function byPort(one: ListenerDocument, other: ListenerDocument): number {
  return one.port - other.port || one.family - other.family || (one.address < other.address ? -1 : 1);
}

function whole(listener: ListenerDocument): string {
  const [first] = listener.owners;
  return `${place(listener)}: ${owner(listener)}${first === undefined ? '' : `, ${first.origin}`}`;
}

/** Only what is not the same now. */
function differing(before: ListenerDocument, now: ListenerDocument): string {
  const parts = [
    placeWords([before]) === placeWords([now]) ? '' : placeWords([before]),
    owner(before) === owner(now) ? '' : owner(before),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'the same with other processes beside it' : parts.join(', ');
}

function place(listener: ListenerDocument): string {
  return `${portWords(listener)} ${placeWords([listener])}`;
}

function owner(listener: ListenerDocument): string {
  const [first] = listener.owners;
  return first === undefined ? ownerWords(listener) : `${ownerWords(listener)} (pid ${first.pid})`;
}

/** Of this machine's clock, as in logs. */
function clock(at: string): string {
  return new Date(at).toTimeString().slice(0, 8);
}
