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
  const links = list.links.filter((link) => !isQuietDoor(link));
  const arrows = [...links.map((link) => linkArrow(link, now)), ...undeclaredArrows(list)];
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

/** Nobody in particular, and nobody just now. */
function isQuietDoor({ access, from, connections, refused, faults }: LinkDocument): boolean {
  const isDoor = access === 'declared' && from === null;
  return isDoor && connections === 0 && (refused?.count ?? 0) === 0 && faults.length === 0;
}

function linkArrow(link: LinkDocument, now: number): Arrow {
  const { from, to, endpoint, name, connections, faults } = link;
  return {
    from: from ?? (link.access === 'declared' ? 'lo exec, test …' : 'anybody'),
    to: to === null || endpoint === null ? name : name.includes('/') ? `${to}/${endpoint}` : to,
    isLink: true,
    isBusy: connections > 0 || faults.length > 0,
    note: noteOf(link, now),
  };
}

function noteOf(
  { connections, rateIn, rateOut, upstream, error, faults, refused }: LinkDocument,
  now: number,
): string {
  const rates = rateIn + rateOut > 0 ? [`${formatSize(rateIn)}/s there, ${formatSize(rateOut)}/s back`] : [];
  const idle = connections === 0 ? 'idle' : `${connections} open`;
  const state = error !== null ? 'does not listen' : upstream === null ? 'down' : idle;
  const disturbed = faults.map((fault) => safe(faultText(fault, now)));
  const turnedAway = refused === null || refused.count === 0 ? [] : [`refused ${refused.count}`];
  return [state, ...rates, ...disturbed, ...turnedAway].join(', ');
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
