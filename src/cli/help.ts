/** Help pages in a terminal: the list of commands, and the page of one. Everything comes from the command table. */

import {
  type CommandPage,
  GLOBAL_OPTIONS,
  GROUP_TITLES,
  type OptionPage,
  optionWords,
  usageLines,
} from '../generate/command-page.ts';
import type { CommandRow } from './command.ts';
import type { Printer } from './printer/printer.ts';
import { displayWidth, padEnd, wrap } from './printer/text.ts';

/** Wider lines are hard to read, however wide the screen is. */
const WIDEST = 100;

export function printCommandList(printer: Printer, rows: readonly CommandRow[]): void {
  const heading = (text: string): string => printer.paint(text, 'bold');
  printer.line(`${heading('lo')}: runs, names and isolates everything on localhost`);
  printer.line();
  printer.line(`${heading('Usage:')} lo COMMAND [OPTIONS]`);
  const width = Math.max(...rows.map((row) => row.name.length));
  for (const group of new Set(rows.map((row) => row.group))) {
    printer.line();
    printer.line(heading(GROUP_TITLES[group]));
    const own = rows.filter((row) => row.group === group);
    printTerms(
      printer,
      own.map((row) => [row.name, row.summary]),
      width,
    );
  }
  printer.line();
  printOptions(printer, 'Every command takes', GLOBAL_OPTIONS);
  printer.line();
  printer.line('`lo help COMMAND` says more about one. `lo init` writes a first loopyard.yaml.');
}

export function printCommandPage(printer: Printer, page: CommandPage): void {
  const heading = (text: string): string => printer.paint(text, 'bold');
  printer.line(`${heading(`lo ${page.name}`)}: ${page.summary}`);
  printer.line();
  usageLines(page).forEach((line, index) => {
    printer.line(`${index === 0 ? heading('Usage:') : '      '} ${line}`);
  });
  for (const paragraph of page.description) {
    printer.line();
    printer.lines(wrap(paragraph, screenWidth(printer)));
  }
  if (page.positionals.length > 0) {
    printer.line();
    printer.line(heading('Words'));
    printTerms(
      printer,
      page.positionals.map((one) => [one.name, one.summary]),
    );
  }
  if (page.options.length > 0) {
    printer.line();
    printOptions(printer, 'Options', page.options);
  }
  printExits(printer, page);
  printer.line();
  printer.line(heading('Examples'));
  for (const example of page.examples) {
    printer.line(`  ${example.command}`);
    printer.lines(
      wrap(example.meaning, screenWidth(printer) - 6).map((line) => printer.paint(`      ${line}`, 'dim')),
    );
  }
  printer.line();
  printer.line(printer.paint('`lo help` lists the options that every command takes.', 'dim'));
}

function printExits(printer: Printer, page: CommandPage): void {
  const exits = Object.entries(page.exits);
  if (exits.length === 0) return;
  printer.line();
  printer.line(printer.paint('Exit codes', 'bold'));
  printTerms(printer, exits);
}

function printOptions(printer: Printer, title: string, options: readonly OptionPage[]): void {
  printer.line(printer.paint(title, 'bold'));
  printTerms(
    printer,
    options.map((option) => [
      option.short === undefined ? `    ${optionWords(option)}` : optionWords(option),
      option.summary,
    ]),
  );
}

/** Two columns; the second is wrapped under itself. */
function printTerms(printer: Printer, terms: readonly (readonly [string, string])[], least = 0): void {
  const width = Math.max(least, ...terms.map(([term]) => displayWidth(term)));
  const indent = width + 4;
  for (const [term, meaning] of terms) {
    const [first = '', ...more] = wrap(meaning, screenWidth(printer) - indent);
    printer.line(`  ${padEnd(term, width)}  ${first}`.trimEnd());
    for (const line of more) printer.line(' '.repeat(indent) + line);
  }
}

function screenWidth(printer: Printer): number {
  return Math.min(WIDEST, printer.look.width());
}
