/** `lo ports` as a table, with what has to be said beside it. It must not know where the report came from. */

import type { ListenerDocument, PortsReport, Unseen } from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import type { Cell, Column } from '../printer/table.ts';
import { safe, wrap } from '../printer/text.ts';
import { type PortsRow, rowsOf } from './ports-rows.ts';
import { belongsWords, isExposed, originWords, ownerWords, placeWords, portWords } from './ports-words.ts';

/** Who can reach it and who it is stay on any screen. */
const COLUMNS: readonly Column[] = [
  { title: 'PORT', align: 'right' },
  { title: 'ADDRESS', least: 17 },
  { title: 'OWNER', least: 10 },
  { title: 'PID', align: 'right', drop: 1 },
  { title: 'USER', least: 6, drop: 4 },
  { title: 'BELONGS TO', least: 12, drop: 2 },
  { title: 'STARTED', least: 20, drop: 3 },
];

export function printPorts(printer: Printer, report: PortsReport): void {
  printer.lines(tableOf(printer, report.listeners));
  printer.lines(notesOf(printer, report));
}

/** Header and rows; nothing without listeners. */
export function tableOf(
  printer: Printer,
  listeners: readonly ListenerDocument[],
  indent = '',
): readonly string[] {
  if (listeners.length === 0) return [];
  return printer.formatTable(COLUMNS, rowsOf(listeners).map(cellsOf), indent);
}

function cellsOf({ listeners, sockets }: PortsRow): readonly Cell[] {
  const [listener] = listeners;
  if (listener === undefined) return [];
  const [owner] = listener.owners;
  const place = safe(placeWords(listeners)) + (sockets === 1 ? '' : `, ${sockets} sockets`);
  return [
    { text: portWords(listener), paints: ['bold'] },
    isExposed(listener) ? { text: place, paints: ['yellow'] } : place,
    safe(ownerWords(listener)),
    owner === undefined ? '' : String(owner.pid),
    safe(owner?.user ?? listener.user),
    safe(belongsWords(listener)),
    safe(originWords(owner)),
  ];
}

/** What the table cannot say: exposures, owners that are not seen, programs that were replaced, what was not looked at. */
export function notesOf(
  printer: Printer,
  { listeners, unseen }: Pick<PortsReport, 'listeners' | 'unseen'>,
): readonly string[] {
  const notes = [
    ...exposedNote(listeners),
    ...staleNotes(listeners),
    ...hiddenNotes(listeners),
    ...unseen.filter((one) => !isSaidByRows(one, listeners)).map(unseenWords),
  ];
  const lines = notes.flatMap((note) => wrapped(safe(note), Math.min(printer.look.width(), WIDEST)));
  if (listeners.length === 0) return lines;
  return lines.length === 0 ? [] : ['', ...lines.map((line) => printer.paint(line, 'dim'))];
}

/** Commands stay in one piece, so that they can be pasted. */
function wrapped(note: string, width: number): readonly string[] {
  const whole = note.replace(/`[^`]*`/g, (command) => command.replaceAll(' ', '\u00a0'));
  return wrap(whole, width).map((line) => line.replaceAll('\u00a0', ' '));
}

/** Wider lines are hard to read. */
const WIDEST = 110;
const MOST_PORTS = 8;

function exposedNote(listeners: readonly ListenerDocument[]): readonly string[] {
  const ports = [...new Set(listeners.filter(isExposed).map(portWords))];
  if (ports.length === 0) return [];
  const shown =
    ports.length <= MOST_PORTS ? ports : [...ports.slice(0, MOST_PORTS), `${ports.length - MOST_PORTS} more`];
  return [`Open to other machines or containers, as far as addresses go: ${shown.join(', ')}.`];
}

function staleNotes(listeners: readonly ListenerDocument[]): readonly string[] {
  const stale = new Map(
    listeners.flatMap(({ owners }) =>
      owners.filter((owner) => owner.stale).map((owner) => [owner.pid, owner]),
    ),
  );
  return [...stale.values()].map(
    ({ name, pid }) =>
      `${name} (pid ${pid}) runs a program file that was replaced or deleted since it started: start it again to run the new one.`,
  );
}

/** Each reason once, with the ports that it is about. */
function hiddenNotes(listeners: readonly ListenerDocument[]): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const listener of listeners) {
    if (listener.hidden === null) continue;
    // With several the command for one of them becomes that for all.
    const reason = listener.hidden.replace(` --port ${listener.port}\``, '`');
    const ports = byReason.get(reason);
    if (ports === undefined) byReason.set(reason, [portWords(listener)]);
    else if (!ports.includes(portWords(listener))) ports.push(portWords(listener));
  }
  return [...byReason].map(([reason, ports]) => `The owner of ${ports.join(', ')} is not seen: ${reason}.`);
}

/** What keeps owners from being seen stands with them already. */
function isSaidByRows({ what }: Unseen, listeners: readonly ListenerDocument[]): boolean {
  return listeners.some(({ hidden }) => hidden?.includes(what) === true);
}

function unseenWords({ what, why, fix }: Unseen): string {
  return `Not seen: ${what}: ${why}${fix === null ? '' : `; \`${fix}\` shows more`}.`;
}
