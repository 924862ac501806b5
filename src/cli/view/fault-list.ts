/** `lo fault`: what disturbs each link. It must not know where the list came from. */

import type { LinkList } from '../../core/link-list.ts';
import type { Printer } from '../printer/printer.ts';
import { safe } from '../printer/text.ts';
import { faultText } from './fault-words.ts';

export function printFaults(printer: Printer, { links }: Pick<LinkList, 'links'>, now: number): void {
  const disturbed = links.filter(({ faults }) => faults.length > 0);
  const [only] = links;
  if (disturbed.length === 0) {
    printer.line(
      links.length === 1 && only !== undefined ? `${safe(only.name)} has no fault` : 'No link has a fault.',
    );
    return;
  }
  const rows = disturbed.flatMap(({ name, faults }) =>
    faults.map((fault) => [{ text: safe(name), paints: ['bold'] as const }, safe(faultText(fault, now))]),
  );
  printer.table([{ title: 'LINK', least: 8 }, { title: 'FAULT' }], rows);
}
