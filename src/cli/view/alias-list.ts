/** Aliases for people. It must not know how they are served. */

import type { AliasList, AliasStatus } from '../../core/naming.ts';
import type { Printer } from '../printer/printer.ts';
import type { Cell, Column } from '../printer/table.ts';
import { safe } from '../printer/text.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', least: 12 },
  { title: 'TARGET' },
  { title: 'URL', least: 16 },
];

export function printAliases(printer: Printer, { aliases }: AliasList): void {
  if (aliases.length === 0) printer.line('There is no alias. `lo alias NAME PORT` makes one.');
  else printer.table(COLUMNS, aliases.map(rowOf));
}

function rowOf({ name, address, port, urls, heldBy }: AliasStatus): readonly Cell[] {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const url: Cell =
    heldBy === null
      ? safe(urls[0] ?? 'not served: `lo doctor` tells why')
      : { text: safe(`held by ${heldBy}`), paints: ['yellow'] };
  return [{ text: safe(name), paints: ['bold'] }, place, url];
}
