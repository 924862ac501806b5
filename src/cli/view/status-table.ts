/** `lo ps`: one environment as a heading, a table and its warnings. It must not know where the status came from. */

import type { EnvironmentStatus, ServiceStatus } from '../../core/status.ts';
import type { Printer } from '../printer/printer.ts';
import type { Cell, Column } from '../printer/table.ts';
import { safe } from '../printer/text.ts';
import { faultText } from './fault-words.ts';
import { addressText, nameLines, noteText, sinceText } from './service-text.ts';
import { statePaint, stateText } from './states.ts';

/** An address that is cut is none, so it never is. */
const COLUMNS: readonly Column[] = [
  { title: 'SERVICE', least: 8 },
  { title: 'STATE' },
  { title: 'ADDRESS' },
  { title: 'PID', align: 'right', drop: 2 },
  { title: 'SINCE', align: 'right', drop: 1 },
  { title: 'NOTE', least: 8 },
];

export function printStatus(printer: Printer, status: EnvironmentStatus, now: number): void {
  const { services } = status;
  const rows = services.map((service) => rowOf(printer, service, now));
  const lines = printer.formatTable(COLUMNS, rows, '  ');
  printer.line(headingOf(printer, status));
  printer.lines(lines);
  // Why something is as it is matters most, so what did not fit above is told in whole.
  services.forEach((service, index) => {
    const note = noteText(service);
    if (note === '' || lines[index + 1]?.includes(note) === true) return;
    printer.line(`${printer.paint(`${safe(service.name)}:`, 'bold')} ${note}`);
  });
  for (const line of nameLines(services)) printer.line(line);
  printDisturbed(printer, services, now);
  printWarnings(printer, services);
}

/** What is slow on purpose must not be searched for. */
function printDisturbed(printer: Printer, services: readonly ServiceStatus[], now: number): void {
  for (const fault of services.flatMap(({ faults }) => faults))
    printer.line(`${printer.paint('fault:', 'yellow')} ${safe(fault.link)} ${safe(faultText(fault, now))}`);
}

function headingOf(printer: Printer, status: EnvironmentStatus): string {
  const { environment, project } = status;
  const name = environment.name === project ? project : `${environment.name} (${project})`;
  const separator = printer.look.unicode ? '·' : '-';
  return `${printer.paint(safe(name), 'bold')} ${printer.paint(`${separator} ${safe(environment.path)}`, 'dim')}`;
}

/** Every warning with its fix, once. */
export function printWarnings(printer: Printer, services: readonly ServiceStatus[]): void {
  for (const service of services) {
    for (const warning of service.warnings) {
      printer.line();
      printer.line(
        `${printer.paint(`warning[${warning.code}]:`, 'yellow', 'bold')} ${safe(service.name)}: ${safe(warning.text)}`,
      );
      printer.line(`${printer.paint('fix:', 'cyan', 'bold')} ${safe(warning.fix)}`);
    }
  }
}

function rowOf(printer: Printer, service: ServiceStatus, now: number): readonly Cell[] {
  return [
    { text: safe(service.name), paints: ['bold'] },
    { text: stateText(printer, service.state), paints: [statePaint(service.state)] },
    addressText(service),
    service.pid === null ? '' : String(service.pid),
    sinceText(service, now),
    noteText(service),
  ];
}
