/** `lo graph --live`: an arrow for each link and each caller without one. It must not know where they came from. */

import type { LinkDocument, LinkList } from '../../core/link-list.ts';
import { formatSize } from '../../core/units.ts';
import type { Printer } from '../printer/printer.ts';
import { padEnd, safe } from '../printer/text.ts';
import { faultText } from './fault-words.ts';
import { callerWords } from './link-table.ts';

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly isLink: boolean;
  readonly isBusy: boolean;
  readonly note: string;
}

export function printGraph(printer: Printer, list: LinkList, now: number): void {
  const arrows = [...list.links.map((link) => linkArrow(link, now)), ...undeclaredArrows(list)];
  if (arrows.length === 0) printer.line('Nobody is linked to anybody, and no service is called.');
  const width = Math.max(0, ...arrows.map(({ from }) => from.length));
  const far = Math.max(0, ...arrows.map(({ to }) => to.length));
  for (const arrow of arrows) {
    const [solid, dashed] = printer.look.unicode ? ['──▶', '┄┄▶'] : ['-->', '..>'];
    const shaft = printer.paint(arrow.isLink ? solid : dashed, arrow.isLink ? 'green' : 'yellow');
    const idle = arrow.isBusy ? arrow.note : printer.paint(arrow.note, 'dim');
    printer.line(
      `${padEnd(safe(arrow.from), width)} ${shaft} ${padEnd(safe(arrow.to), far)}  ${idle}`.trimEnd(),
    );
  }
}

function linkArrow(link: LinkDocument, now: number): Arrow {
  const { from, to, endpoint, name, connections, rateIn, rateOut, upstream, error, faults } = link;
  const rates = rateIn + rateOut > 0 ? [`${formatSize(rateIn)}/s there, ${formatSize(rateOut)}/s back`] : [];
  const state =
    error !== null
      ? 'does not listen'
      : upstream === null
        ? 'down'
        : connections === 0
          ? 'idle'
          : `${connections} open`;
  const disturbed = faults.map((fault) => safe(faultText(fault, now)));
  return {
    from: from ?? 'anybody',
    to: to === null || endpoint === null ? name : name.includes('/') ? `${to}/${endpoint}` : to,
    isLink: true,
    isBusy: connections > 0 || faults.length > 0,
    note: [state, ...rates, ...disturbed].join(', '),
  };
}

function undeclaredArrows({ undeclared }: LinkList): readonly Arrow[] {
  return undeclared.map((caller) => ({
    from: callerWords(caller),
    to: caller.to,
    isLink: false,
    isBusy: true,
    note: `${caller.connections} open, without a link`,
  }));
}
