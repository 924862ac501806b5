/** What changes while an environment is up: one line each, among the lines of the logs. */

import type { ServiceStatus, WatchEvent } from '../../core/status.ts';
import type { Printer } from '../printer/printer.ts';
import { displayWidth, padEnd, safe } from '../printer/text.ts';
import { Board } from './board.ts';
import type { Progress } from './progress.ts';
import { addressText, noteText } from './service-text.ts';
import { statePaint, stateText } from './states.ts';

export class ChangeLines implements Progress {
  readonly board = new Board();
  readonly #printer: Printer;

  /** `services`: as they stand, which is no news. */
  constructor(printer: Printer, services: readonly ServiceStatus[]) {
    this.#printer = printer;
    this.board.adopt(services);
  }

  take(event: WatchEvent): void {
    const changed = this.board.apply(event);
    if (event.type === 'notice') this.#printer.note(safe(event.text));
    for (const service of changed) this.#printer.line(this.#line(service));
  }

  end(): void {
    // Every line was printed when it came.
  }

  /** `api ✗ failed: exited with code 1`; the symbol stands where logs have their bar. */
  #line(service: ServiceStatus): string {
    const names = this.board.services.map((other) => displayWidth(safe(other.name)));
    const address = service.state === 'ready' ? addressText(service) : '';
    const note = noteText(service);
    const words = [
      stateText(this.#printer, service.state),
      address === '' ? '' : ` at ${address}`,
      note === '' ? '' : `: ${note}`,
    ].join('');
    const name = this.#printer.paint(padEnd(safe(service.name), Math.max(0, ...names)), 'bold');
    return `${name} ${this.#printer.paint(words, statePaint(service.state))}`;
  }
}
