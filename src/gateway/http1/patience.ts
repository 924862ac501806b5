/** How long a client may take for what it has to do next, in ms. Pure; it must not know sockets. */

export const HEAD_MS = 30_000;
const IDLE_MS = 75_000;
const BODY_MS = 60_000;
/** Nobody reads so slowly (64 KB in that time); a person who looks at a paused program does not read for a while. */
export const STALL_MS = 300_000;
export const LINGER_MS = 2_000;

export interface ClientDuty {
  /** It does not read what it is sent. */
  readonly blocked: boolean;
  /** A request of its is under way. */
  readonly asked: boolean;
  /** The body of that is awaited, and read. */
  readonly sends: boolean;
}

export function patienceFor({ blocked, asked, sends }: ClientDuty): number {
  if (blocked) return STALL_MS;
  if (!asked) return IDLE_MS;
  return sends ? BODY_MS : Number.POSITIVE_INFINITY;
}
