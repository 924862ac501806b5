/** Lists of checks: what there is, and what an attack is going to send. It must not know how checks work. */

import { AUDIT_GROUPS, type AuditGroup } from '../../core/audit.ts';
import type { Printer } from '../printer/printer.ts';
import { safe } from '../printer/text.ts';

interface CheckRow {
  readonly id: string;
  readonly title: string;
  readonly requests: number;
  readonly intrusive: boolean;
}

export function printChecks(printer: Printer, checks: readonly CheckRow[]): void {
  for (const group of Object.keys(AUDIT_GROUPS) as AuditGroup[]) {
    const inside = checks.filter(({ id }) => id.startsWith(`${group}-`));
    if (inside.length === 0) continue;
    printer.line(`${printer.paint(group, 'bold')}  ${AUDIT_GROUPS[group]}`);
    printer.table(
      [{ title: 'CHECK' }, { title: 'REQUESTS', align: 'right' }, { title: 'FINDS' }],
      inside.map(({ id, requests, title }) => [id, String(requests), title]),
      '  ',
    );
    printer.line();
  }
}

export function printAttackPlan(
  printer: Printer,
  targets: readonly { readonly name: string; readonly address: string | null; readonly port: number }[],
  checks: readonly CheckRow[],
  shared: number,
): void {
  const sending = checks.filter(({ requests }) => requests > 0);
  const most = sending.reduce((sum, { requests }) => sum + requests, 0);
  const places = targets.map(
    ({ name, address, port }) => `${safe(name)} (${address ?? 'not dialled'}:${port})`,
  );
  printer.line(`To each of: ${places.join(', ')}`);
  const count = `${sending.length} check${sending.length === 1 ? '' : 's'}`;
  printer.line(`at most ${most} requests of ${count}, beside up to ${shared} honest ones to compare with:`);
  for (const { id, title, requests, intrusive } of sending)
    printer.line(`  ${id}  ${String(requests).padStart(3)}  ${title}${intrusive ? '' : ' (harmless)'}`);
}
