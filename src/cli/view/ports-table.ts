/** `lo ports` as a table. It must not know where the report came from. */

import type { PortsReport } from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import type { Column } from '../printer/table.ts';
import { safe } from '../printer/text.ts';

const COLUMNS: readonly Column[] = [
  { title: 'PORT', align: 'right' },
  { title: 'ADDRESS' },
  { title: 'SCOPE' },
  { title: 'OWNER', least: 8 },
  { title: 'PID', align: 'right' },
  { title: 'ORIGIN', least: 10 },
];

export function printPorts(printer: Printer, report: PortsReport): void {
  const rows = report.listeners.map((listener) => {
    const [owner] = listener.owners;
    return [
      `${listener.port}/${listener.protocol}`,
      listener.address,
      listener.interface ?? listener.scope,
      owner === undefined ? 'unseen' : safe(owner.name),
      owner === undefined ? '' : String(owner.pid),
      safe(owner?.origin ?? listener.hidden ?? ''),
    ];
  });
  printer.lines(printer.formatTable(COLUMNS, rows, ''));
}
