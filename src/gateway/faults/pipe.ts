/** What a fault does to one direction of one connection: takes bytes and hands them on, later, otherwise or not at all. Types only. */

import type { Fault, FaultKind } from '../../core/fault.ts';
import type { Random } from '../../core/faults/random.ts';

/** `half`: this direction has ended, the other one goes on. `whole`: the connection is closed as soon as what was passed is through. */
export type Ending = 'half' | 'whole';

/** Where a pipe stands, as it sees it. Nothing here blocks: the reading side is paused while any pipe holds more than its room. */
export interface Outlet {
  /** In ms; never goes back. */
  now(): number;
  pass(bytes: Buffer): void;
  /** Nothing follows. */
  end(how: Ending): void;
  /** RST to both sides, at once. */
  reset(): void;
  /** Has `due` called then, once. It replaces what was asked before; Infinity: not at all. */
  wake(at: number): void;
}

export interface Pipe {
  /** Bytes that it holds now, and how many it may before its side is read no further. */
  readonly held: number;
  readonly room: number;
  take(bytes: Buffer): void;
  ended(how: Ending): void;
  due(): void;
  change(settings: Fault['settings']): void;
  /** Hands on whatever it holds, at once. It may be used again: another fault came before or behind it. */
  flush(): void;
  /** It is taken out, and was flushed before. */
  removed(): void;
}

/** What happens to a connection before there is one to the service. */
export type Greeting = { readonly kind: 'refuse' } | { readonly kind: 'stall'; readonly ms: number };

/** A fault as the gateway knows it. */
export interface FaultPart extends FaultKind {
  /** One for each connection and direction. Missing: bytes are left alone. */
  pipe?(outlet: Outlet, settings: Fault['settings'], random: Random): Pipe;
  greeting?(settings: Fault['settings']): Greeting;
}
