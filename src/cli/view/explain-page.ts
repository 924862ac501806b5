/** `lo explain` as a page: the answer first, then what it stands on. It must not know where the report came from. */

import type { ExplainReport } from '../../core/inspection.ts';
import type { Printer } from '../printer/printer.ts';
import { padEnd, safe, wrap } from '../printer/text.ts';
import { addressWords, listenerWords, nameWords, portLines } from './explain-words.ts';

const INDENT = 2;
const LABEL = 9;
/** Wider lines are hard to read. */
const WIDEST = 110;
/** Of listeners and names; `lo ports` and the hosts file have all. */
const MOST = 8;

export function printExplanation(printer: Printer, report: ExplainReport): void {
  const width = Math.min(printer.look.width(), WIDEST);
  for (const line of wrap(safe(report.answer), width)) printer.line(printer.paint(line, 'bold'));
  printer.line();
  for (const [label, texts] of rowsOf(report))
    for (const [index, text] of texts.entries()) printRow(index === 0 ? label : '', text);

  function printRow(label: string, text: string): void {
    for (const [index, line] of wrap(safe(text), width - INDENT - LABEL).entries()) {
      const shown =
        index === 0 && label !== '' ? printer.paint(padEnd(label, LABEL), 'dim') : ' '.repeat(LABEL);
      printer.line(`${' '.repeat(INDENT)}${shown}${line}`.trimEnd());
    }
  }
}

type Row = readonly [label: string, texts: readonly string[]];

function rowsOf(report: ExplainReport): readonly Row[] {
  const { name, addresses, port, names, services, listeners, reach, notes, unseen } = report;
  const isPortAlone = name === null && addresses.length === 0;
  const isHere = isPortAlone || addresses.some(({ local }) => local);
  return [
    ['name', name === null ? [] : [nameWords(name)]],
    ['address', addresses.map(addressWords)],
    ['port', port === null ? [] : portLines(port, isHere)],
    [
      'names',
      names.length === 0 ? [] : [few(names.map(({ name, source }) => `${name} (${source})`)).join(', ')],
    ],
    [
      'services',
      few(
        services.map(
          ({ service, state, address, port }) =>
            `${service.name} of ${service.environment.name} (${service.endpoint ?? 'undeclared'}) at ${address}:${port}, ${state}`,
        ),
      ),
    ],
    ['listens', few(listeners.map(listenerWords))],
    ['reach', reach === null ? [] : [reach]],
    ['note', notes],
    ['unseen', unseen.map(({ what, why, fix }) => `${what}: ${why}${fix === null ? '' : `; ${fix}`}`)],
    [
      'more',
      port === null || !isHere
        ? []
        : [`\`lo why ${port.port}\` tells who can have the port, and what is in the way`],
    ],
  ];
}

function few(texts: readonly string[]): readonly string[] {
  return texts.length <= MOST ? texts : [...texts.slice(0, MOST - 1), `and ${texts.length - MOST + 1} more`];
}
