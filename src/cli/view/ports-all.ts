/** What `lo ports --all` shows below the listeners. It must not know where the report came from. */

import type {
  ConnectionDocument,
  NamespaceDocument,
  PortsReport,
  UnixSocketDocument,
} from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import type { Column } from '../printer/table.ts';
import { safe } from '../printer/text.ts';
import { tableOf } from './ports-table.ts';

const UNIX: readonly Column[] = [
  { title: 'UNIX SOCKET', least: 20 },
  { title: 'TYPE', drop: 1 },
  { title: 'PIDS', least: 5 },
];
const CONNECTIONS: readonly Column[] = [
  { title: 'PROTOCOL', drop: 1 },
  { title: 'FROM', least: 15 },
  { title: 'TO', least: 15 },
  { title: 'STATE' },
  { title: 'PIDS', least: 5 },
];

export function printEverything(printer: Printer, report: PortsReport): void {
  printUnix(printer, report.unix ?? []);
  printConnections(printer, report.connections ?? []);
  for (const namespace of report.namespaces ?? []) printNamespace(printer, namespace);
}

/** A pair without a name is how programs speak to themselves: only counted. */
function printUnix(printer: Printer, sockets: readonly UnixSocketDocument[]): void {
  if (sockets.length === 0) return;
  const named = sockets.filter(
    ({ path, listening, type }) => path !== null && (listening || type === 'datagram'),
  );
  const others = sockets.length - named.length;
  printer.line();
  const rows = named.map(({ path, type, pids }) => [safe(path ?? ''), type, pids.join(' ')]);
  if (rows.length > 0) printer.table(UNIX, rows);
  printer.line(
    printer.paint(
      `${rows.length === 0 ? '' : 'and '}${count(others, 'unix socket')} that nobody can be called at`,
      'dim',
    ),
  );
}

function printConnections(printer: Printer, connections: readonly ConnectionDocument[]): void {
  printer.line();
  if (connections.length === 0) {
    printer.line('No connections.');
    return;
  }
  const rows = connections.map(({ protocol, local, remote, state, pids }) => [
    protocol,
    place(local),
    place(remote),
    state,
    pids.join(' '),
  ]);
  printer.table(CONNECTIONS, rows);
}

function printNamespace(printer: Printer, { id, pid, name, listeners }: NamespaceDocument): void {
  printer.line();
  printer.line(
    `Network namespace ${safe(id)}, of ${safe(name)} (pid ${pid}); not reached as localhost from here:`,
  );
  if (listeners.length === 0) printer.line('  nothing listens in it');
  printer.lines(tableOf(printer, listeners, '  '));
}

function place({ address, port }: ConnectionDocument['local']): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
