/** Lines of output as people read them: who said it, perhaps when, what. It must not know where lines come from. */

import type { LogLine } from '../../core/status.ts';
import type { Printer } from '../printer/printer.ts';
import type { Paint } from '../printer/style.ts';
import { displayWidth, padEnd, safe, safeLogLine } from '../printer/text.ts';

export type LogStyle =
  /** `api │ listening`, the prefix in the service's colour. */
  | { readonly kind: 'prefixed'; readonly timestamps: boolean }
  /** The lines alone. */
  | { readonly kind: 'bare' }
  | { readonly kind: 'json' };

export class LogPrinter {
  readonly #printer: Printer;
  readonly #style: LogStyle;
  #width: number;

  /** `services`: who may speak, so that the lines stand under each other from the first. */
  constructor(printer: Printer, style: LogStyle, services: readonly string[]) {
    this.#printer = printer;
    this.#style = style;
    this.#width = Math.max(0, ...services.map((service) => displayWidth(safe(service))));
  }

  print(line: LogLine): void {
    switch (this.#style.kind) {
      case 'json':
        this.#printer.event({ type: 'log', ...line });
        return;
      case 'bare':
        this.#printer.line(safeLogLine(line.text, this.#printer.look.colors));
        return;
      case 'prefixed':
        this.#printer.line(this.#prefix(line, this.#style.timestamps) + this.#text(line));
        return;
      default:
        this.#style satisfies never;
    }
  }

  #prefix(line: LogLine, timestamps: boolean): string {
    const name = safe(line.service);
    this.#width = Math.max(this.#width, displayWidth(name));
    const bar = this.#printer.look.unicode ? '│' : '|';
    const prefix = this.#printer.paint(`${padEnd(name, this.#width)} ${bar} `, serviceColor(line.service));
    return timestamps ? `${this.#printer.paint(line.at, 'dim')} ${prefix}` : prefix;
  }

  #text(line: LogLine): string {
    return safeLogLine(line.text, this.#printer.look.colors);
  }
}

const COLORS: readonly Paint[] = [
  'cyan',
  'magenta',
  'green',
  'blue',
  'yellow',
  'bright-cyan',
  'bright-magenta',
  'bright-green',
  'bright-blue',
  'bright-yellow',
];

/** From the name alone, so that a service keeps its colour whatever stands beside it. */
export function serviceColor(service: string): Paint {
  let hash = 0;
  for (const character of service) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[hash % COLORS.length] ?? 'cyan';
}
