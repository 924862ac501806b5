/** Lines of output as people read them: who said it, perhaps when, what. It must not know where lines come from. */

import { type LogLine, SCHEMA_VERSION } from '../../core/status.ts';
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
  readonly #prefixes = new Map<string, string>();
  #width: number;

  /** `services`: who may speak, so that the lines stand under each other from the first. */
  constructor(printer: Printer, style: LogStyle, services: readonly string[]) {
    this.#printer = printer;
    this.#style = style;
    this.#width = Math.max(0, ...services.map((service) => displayWidth(safe(service))));
  }

  /** All in one write. */
  print(lines: readonly LogLine[]): void {
    this.#printer.lines(lines.map((line) => this.#format(line)));
  }

  #format(line: LogLine): string {
    switch (this.#style.kind) {
      case 'json':
        return JSON.stringify({ schema: SCHEMA_VERSION, type: 'log', ...line });
      case 'bare':
        return safeLogLine(line.text, this.#printer.look.colors);
      case 'prefixed':
        return this.#prefix(line, this.#style.timestamps) + safeLogLine(line.text, this.#printer.look.colors);
      default:
        return this.#style satisfies never;
    }
  }

  #prefix(line: LogLine, timestamps: boolean): string {
    let prefix = this.#prefixes.get(line.service);
    if (prefix === undefined) {
      const name = safe(line.service);
      this.#width = Math.max(this.#width, displayWidth(name));
      const bar = this.#printer.look.unicode ? '│' : '|';
      prefix = this.#printer.paint(`${padEnd(name, this.#width)} ${bar} `, serviceColor(line.service));
      this.#prefixes.set(line.service, prefix);
    }
    return timestamps ? `${this.#printer.paint(line.at, 'dim')} ${prefix}` : prefix;
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
function serviceColor(service: string): Paint {
  let hash = 0;
  for (const character of service) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[hash % COLORS.length] ?? 'cyan';
}
