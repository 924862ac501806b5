/**
 * Services on their way up or down, shown while it happens: a table redrawn in place, lines that are only added, or JSON. It must not
 * know who asked for the way.
 */

import type { ServiceStatus, WatchEvent } from '../../core/status.ts';
import type { Context } from '../command.ts';
import type { Printer } from '../printer/printer.ts';
import type { Cell, Column } from '../printer/table.ts';
import { displayWidth, padEnd, safe } from '../printer/text.ts';
import { Board, hasEnded } from './board.ts';
import { addressText, elapsedText, noteText } from './service-text.ts';
import { statePaint, stateText } from './states.ts';

export type Goal = 'up' | 'down';

/** To be told of every event; `end` once no more come. */
export interface Progress {
  readonly board: Board;
  take(event: WatchEvent): void;
  end(): void;
}

export function showProgress(context: Context, goal: Goal): Progress {
  const { printer, json, world } = context;
  if (json) return new JsonProgress(printer);
  return printer.look.live
    ? new LiveProgress(printer, goal, world.now)
    : new LineProgress(printer, goal, world.now);
}

class JsonProgress implements Progress {
  readonly board = new Board();
  readonly #printer: Printer;

  constructor(printer: Printer) {
    this.#printer = printer;
  }

  take(event: WatchEvent): void {
    this.board.apply(event);
    this.#printer.event(event);
  }

  end(): void {
    // Every event was printed when it came.
  }
}

/** Elapsed times are redrawn so often, in ms. */
const REDRAW_EVERY_MS = 100;

const COLUMNS: readonly Column[] = [
  { title: 'SERVICE', least: 8 },
  { title: 'STATE' },
  { title: 'TIME', align: 'right', drop: 1 },
  { title: 'ADDRESS', least: 16 },
  { title: 'NOTE', least: 12 },
];

class LiveProgress implements Progress {
  readonly board = new Board();
  readonly #printer: Printer;
  readonly #concerned: Concerned;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #soon: NodeJS.Immediate | null = null;
  #ended = false;

  constructor(printer: Printer, goal: Goal, now: () => number) {
    this.#printer = printer;
    this.#concerned = new Concerned(goal);
    this.#now = now;
    this.#timer = setInterval(() => this.#draw(), REDRAW_EVERY_MS);
    this.#timer.unref();
  }

  take(event: WatchEvent): void {
    this.#concerned.note(this.board.apply(event), event);
    if (event.type === 'notice') this.#printer.note(safe(event.text));
    // Events come in bursts: one drawing shows them all.
    if (!this.#ended) this.#soon ??= setImmediate(() => this.#draw());
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#draw();
    this.#printer.endDrawing(true);
  }

  #draw(): void {
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#soon = null;
    const services = this.board.services.filter((service) => this.#concerned.has(service));
    if (services.length === 0) return;
    const rows = this.#inOrder(services).map((service): readonly Cell[] => [
      { text: safe(service.name), paints: ['bold'] },
      { text: stateText(this.#printer, service.state), paints: [statePaint(service.state)] },
      elapsedText(service, this.#now()),
      addressText(service),
      noteText(service),
    ]);
    this.#printer.draw(this.#printer.formatTable(COLUMNS, rows));
  }

  /** As in the file; where not all fit on the screen, those that are still on their way come first. */
  #inOrder(services: readonly ServiceStatus[]): readonly ServiceStatus[] {
    if (services.length + 2 <= this.#printer.look.height()) return services;
    const there = (service: ServiceStatus): boolean => service.state === 'ready' || hasEnded(service);
    return [...services.filter((service) => !there(service)), ...services.filter(there)];
  }
}

class LineProgress implements Progress {
  readonly board = new Board();
  readonly #printer: Printer;
  readonly #goal: Goal;
  readonly #now: () => number;
  readonly #told = new Map<string, string>();
  #ended = false;

  constructor(printer: Printer, goal: Goal, now: () => number) {
    this.#printer = printer;
    this.#goal = goal;
    this.#now = now;
  }

  take(event: WatchEvent): void {
    const changed = this.board.apply(event);
    if (this.#ended) return;
    if (event.type === 'notice') this.#printer.note(safe(event.text));
    // What stood already is no news on the way down.
    const known = event.type === 'snapshot' && this.#goal === 'down';
    for (const service of changed) this.#tell(service, known);
  }

  end(): void {
    this.#ended = true;
  }

  #tell(service: ServiceStatus, known: boolean): void {
    const mark = `${service.state} ${service.run}`;
    if (!isNews(service) || this.#told.get(service.name) === mark) return;
    this.#told.set(service.name, mark);
    if (known) return;
    this.#printer.line(serviceLine(this.#printer, service, this.board.services, this.#now()));
  }
}

/** `api  ready  127.64.12.2:3000  0.4s`: one line for a service that got somewhere. */
function serviceLine(
  printer: Printer,
  service: ServiceStatus,
  beside: readonly ServiceStatus[],
  now: number,
): string {
  const width = Math.max(...beside.map((other) => displayWidth(safe(other.name))), 0);
  const parts = [
    printer.paint(padEnd(safe(service.name), width), 'bold'),
    printer.paint(padEnd(service.state, 'completed'.length), statePaint(service.state)),
    hasEnded(service) ? '' : addressText(service),
    elapsedText(service, now),
    noteText(service),
  ];
  return parts
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
}

/** States that a person waits for, or must know of; the steps between them only fill the screen. */
function isNews(service: ServiceStatus): boolean {
  switch (service.state) {
    case 'idle':
    case 'pending':
    case 'starting':
    case 'stopping':
      return false;
    case 'running':
      // A task is waited for until its end.
      return !service.task;
    default:
      return true;
  }
}

/** On the way up the services that are more than idle; on the way down those that were not down from the beginning. */
class Concerned {
  readonly #goal: Goal;
  readonly #names = new Set<string>();

  constructor(goal: Goal) {
    this.#goal = goal;
  }

  note(changed: readonly ServiceStatus[], event: WatchEvent): void {
    for (const service of changed) {
      const first = event.type === 'snapshot';
      const ended = this.#goal === 'down' ? hasEnded(service) : service.state === 'idle';
      if (!first || !ended) this.#names.add(service.name);
    }
  }

  has(service: ServiceStatus): boolean {
    return this.#names.has(service.name);
  }
}
