/**
 * A stream of the daemon that outlives the daemon: when it dies, the next one is asked the same again. Only for requests that may be
 * repeated. It must not know what it carries.
 */

import type { Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Context } from './command.ts';

/** So many streams in a row may end without a single item, and the daemon counts as broken. */
const FRUITLESS = 3;

/**
 * Items of `open`; when its connection breaks it is called once more with the next daemon and `again`. Errors: those of the stream;
 * DAEMON_UNREACHABLE when the daemon keeps dying.
 */
export async function* persistent<T>(
  context: Pick<Context, 'connect' | 'connectIfRunning'>,
  open: (workbench: Workbench, again: boolean) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  let workbench = await context.connect();
  for (let fruitless = 0, again = false; ; again = true) {
    try {
      for await (const item of open(workbench, again)) {
        fruitless = 0;
        yield item;
      }
      return;
    } catch (error) {
      fruitless += 1;
      if (!isLost(error) || fruitless > FRUITLESS) throw error;
    }
    // A daemon that was replaced by one of another build must not be replaced back: whoever runs is taken.
    workbench = (await context.connectIfRunning()) ?? (await context.connect());
  }
}

function isLost(error: unknown): boolean {
  return error instanceof LoopyardError && error.code === 'DAEMON_UNREACHABLE';
}
