/** Fault: bytes arrive changed. Their number stays. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import { ByteErrors } from '../../core/faults/errors-in-bytes.ts';
import type { Random } from '../../core/faults/random.ts';
import type { Ending, FaultPart, Outlet, Pipe } from './pipe.ts';

export const corrupt: FaultPart = {
  name: 'corrupt',
  summary: 'Some bytes arrive with one bit flipped, which TCP itself would never let pass.',
  main: 'share',
  direction: 'down',
  settings: [
    {
      name: 'share',
      unit: 'ratio',
      least: 0,
      summary: 'Of the bytes, from 0 to 1; each is drawn by itself.',
    },
  ],
  example: 'corrupt=0.001',
  check(settings) {
    if (settings.share === 0) return ['share is 0: nothing would change'];
    return Number(settings.share) > 1 ? ['share is more than 1'] : [];
  },
  pipe: (outlet, settings, random) => new CorruptPipe(outlet, settings, random),
};

class CorruptPipe implements Pipe {
  readonly held = 0;
  readonly room = 0;
  readonly #outlet: Outlet;
  readonly #errors: ByteErrors;

  constructor(outlet: Outlet, settings: Fault['settings'], random: Random) {
    this.#outlet = outlet;
    this.#errors = new ByteErrors(Number(settings.share), random);
  }

  take(bytes: Buffer): void {
    let changed: Buffer | null = null;
    this.#errors.pass(bytes.length, (index, bit) => {
      // A copy: the bytes may be somebody else's too.
      changed ??= Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ (1 << bit);
    });
    this.#outlet.pass(changed ?? bytes);
  }

  ended(how: Ending): void {
    this.#outlet.end(how);
  }

  due(): void {
    // It asks for no time.
  }

  change(settings: Fault['settings']): void {
    this.#errors.share = Number(settings.share);
  }

  flush(): void {
    // It holds nothing.
  }

  removed(): void {
    // What was changed is on its way.
  }
}
