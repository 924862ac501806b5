/**
 * Ctrl-C, SIGTERM and a closed terminal. Without anybody who handles them they end the command line with 128 + the signal's number.
 * It must not end the process itself.
 */

import type { SignalName, World } from './world.ts';

export const SIGNAL_EXIT: Readonly<Record<SignalName, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

export class Interrupts implements Disposable {
  /** Resolves with an exit code when a signal came that nobody handles. */
  readonly unhandled: Promise<number>;
  readonly #handlers: ((signal: SignalName) => void)[] = [];
  readonly #listening: readonly Disposable[];

  constructor(world: Pick<World, 'onSignal'>) {
    let end: (code: number) => void = () => undefined;
    this.unhandled = new Promise((resolve) => {
      end = resolve;
    });
    const names: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    this.#listening = names.map((signal) =>
      world.onSignal(signal, () => {
        const handler = this.#handlers.at(-1);
        if (handler === undefined) end(SIGNAL_EXIT[signal]);
        else handler(signal);
      }),
    );
  }

  /** The latest handler gets every signal until it is disposed of. */
  handle(handler: (signal: SignalName) => void): Disposable {
    this.#handlers.push(handler);
    return {
      [Symbol.dispose]: () => {
        const index = this.#handlers.lastIndexOf(handler);
        if (index >= 0) this.#handlers.splice(index, 1);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const listening of this.#listening) listening[Symbol.dispose]();
  }
}
