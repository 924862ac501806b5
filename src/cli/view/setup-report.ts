/** `lo setup` for people: the step with its command, then where names are served. It must not know how a port is had. */

import type { Door } from '../../core/gateway.ts';
import type { MachineStep } from '../../core/trust.ts';
import type { Printer } from '../printer/printer.ts';
import { safe } from '../printer/text.ts';
import { quoted } from './trust-report.ts';

export function printStep(printer: Printer, { name, path, state, why, acts }: MachineStep): void {
  const paint = { done: 'green', todo: 'bold', impossible: 'yellow' } as const;
  const place = path === '' ? '' : ` (${safe(path)})`;
  const words = why ?? 'with this command:';
  printer.line(`${name}${place}: ${printer.paint(safe(words), paint[state])}`);
  for (const argv of acts) printer.line(printer.paint(`  ${safe(argv.map(quoted).join(' '))}`, 'dim'));
}

export function printDoors(printer: Printer, doors: readonly Door[]): void {
  const open = doors.filter(({ error }) => error === null);
  for (const { address, port, secure } of open)
    printer.line(
      `${secure ? 'https' : 'http'} on ${address.includes(':') ? `[${address}]` : address}:${port}`,
    );
  for (const port of [443, 80]) {
    const failed = doors.find((door) => door.port === port && door.error !== null);
    if (failed !== undefined)
      printer.line(
        printer.paint(`${port} is not served: ${failed.error}; \`lo why ${port}\` tells more`, 'yellow'),
      );
  }
  if (doors.length === 0) printer.line('done; `lo up` serves names there from now on');
}
