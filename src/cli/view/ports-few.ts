/** What listens on this machine, in a few rows, for who has not asked for it. It must not know where the report came from. */

import type { ListenerDocument, PortsReport } from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import { rowsOf } from './ports-rows.ts';
import { tableOf } from './ports-table.ts';
import { isExposed } from './ports-words.ts';

const MOST_ROWS = 8;

export function printFewPorts(printer: Printer, report: PortsReport): void {
  // Datagram sockets of the system are many, and seldom what somebody looks for.
  const servers = report.listeners.filter(({ protocol }) => protocol === 'tcp');
  if (servers.length === 0) {
    printer.line(
      report.unseen.length === 0
        ? 'No TCP server listens on this machine.'
        : 'No TCP server was seen on this machine; `lo ports` tells what could not be looked at.',
    );
    return;
  }
  const rows = rowsOf(servers);
  const shown = rows.length <= MOST_ROWS ? rows : [...rows].sort(byInterest).slice(0, MOST_ROWS - 1);
  const listeners = shown.flatMap((row) => row.listeners).sort((one, other) => one.port - other.port);
  printer.line(printer.paint('On this machine listen:', 'bold'));
  printer.lines(tableOf(printer, listeners, '  '));
  if (shown.length < rows.length)
    printer.line(printer.paint(`  and ${rows.length - shown.length} more`, 'dim'));
}

type Row = ReturnType<typeof rowsOf>[number];

/** What others may reach, and what was started last. */
function byInterest(one: Row, other: Row): number {
  return interest(other) - interest(one) || startOf(other) - startOf(one);
}

function interest({ listeners }: Row): number {
  return listeners.some(isExposed) ? 1 : 0;
}

function startOf({ listeners }: Row): number {
  const starts = listeners.flatMap(({ owners }: ListenerDocument) =>
    owners.map(({ started }) => Date.parse(started ?? '') || 0),
  );
  return Math.max(0, ...starts);
}
