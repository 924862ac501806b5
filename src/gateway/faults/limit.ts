/** Fault: the connection closes after so many bytes, in the middle of whatever they were. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import type { Ending, FaultPart, Outlet, Pipe } from './pipe.ts';

export const limit: FaultPart = {
  name: 'limit',
  summary: 'So many bytes pass, then the connection is closed (FIN).',
  main: 'bytes',
  direction: 'down',
  settings: [
    {
      name: 'bytes',
      unit: 'size',
      least: 0,
      summary: 'Counted for each connection, from when the fault comes. 0: closed at the first byte.',
    },
  ],
  example: 'limit=64KB',
  pipe: (outlet, settings) => new LimitPipe(outlet, settings),
};

class LimitPipe implements Pipe {
  readonly held = 0;
  readonly room = 0;
  readonly #outlet: Outlet;
  #most: number;
  #passed = 0;
  #over = false;

  constructor(outlet: Outlet, settings: Fault['settings']) {
    this.#outlet = outlet;
    this.#most = Number(settings.bytes);
  }

  take(bytes: Buffer): void {
    if (this.#over) return;
    const left = this.#most - this.#passed;
    const piece = bytes.length > left ? bytes.subarray(0, left) : bytes;
    this.#passed += piece.length;
    if (piece.length > 0) this.#outlet.pass(piece);
    this.#check();
  }

  ended(how: Ending): void {
    this.#outlet.end(how);
  }

  due(): void {
    // It asks for no time.
  }

  change(settings: Fault['settings']): void {
    this.#most = Number(settings.bytes);
    if (this.#passed > 0) this.#check();
  }

  flush(): void {
    // It holds nothing.
  }

  removed(): void {
    // What passed, passed.
  }

  #check(): void {
    if (this.#over || this.#passed < this.#most) return;
    this.#over = true;
    this.#outlet.end('whole');
  }
}
