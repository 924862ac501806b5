/** How pipes share the time of one thread, and how exact its timers are. Figures only. */

/** More pieces in one turn would keep all other connections waiting. */
export const MOST_AT_ONCE = 64;

/** Timers come in whole ms: waiting for another one would be later than this is early. */
export const EARLY_MS = 0.5;
