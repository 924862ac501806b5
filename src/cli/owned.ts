/**
 * An environment that a command holds: its services and changes for as long as the command lives, kept over deaths of the daemon. It
 * must not know what the command does with it.
 */

import type { Target, UpRequest } from '../core/api.ts';
import type { WatchEvent } from '../core/status.ts';
import type { Context } from './command.ts';
import { persistent } from './persistent.ts';
import { Board } from './view/board.ts';

/** Receives every event with the board as it is after it. */
export type Listener = (event: WatchEvent) => void;

export class OwnedEnvironment {
  readonly board = new Board();
  readonly #context: Context;
  readonly #request: UpRequest;
  readonly #listener: Listener;
  readonly #say: (text: string) => void;

  constructor(context: Context, request: UpRequest, listener: Listener, say: (text: string) => void) {
    this.#context = context;
    this.#request = request;
    this.#listener = listener;
    this.#say = say;
  }

  /** Resolves when the environment is removed or its stream ends; until then it is held. Errors: those of `up`. */
  async hold(): Promise<void> {
    const events = persistent(this.#context, (workbench, again) => {
      if (again) this.#say('the daemon ended; another one took over what runs');
      // A started environment is only looked at again: services that were stopped meanwhile stay stopped.
      return again && this.board.outcome !== null
        ? workbench.watch(this.target)
        : workbench.up(this.#request);
    });
    for await (const event of events) {
      this.board.apply(event);
      this.#listener(event);
    }
  }

  /** Resolves when nothing runs any more. */
  async down(options: { readonly force: boolean; readonly forget: boolean }, take: Listener): Promise<void> {
    const request = { ...this.target, services: [], ...options };
    for await (const event of persistent(this.#context, (workbench) => workbench.down(request))) take(event);
  }

  /** The environment itself once it is known: another one may be nearer by then. */
  get target(): Target {
    const { directory } = this.#request;
    const id = this.board.status?.environment.id;
    return id === undefined ? this.#context.target : { directory, environment: id };
  }
}
