/**
 * The process of a carrier: carries connections that the gateway lends it, so that links have more than one core. It ends when the
 * gateway lets go of it, or is gone itself. It must not know links, nor listen anywhere.
 */

import { Carried } from './carried.ts';
import { type Back, type FromCarrier, LEAST_EACH, type LoanId, type ToCarrier } from './words.ts';

/** How old what the gateway tells of bytes may be, in ms. */
const COUNTS_MS = 200;

const carried = new Map<LoanId, Carried>();
/** Of connections whose other handle is still to come. */
const callers = new Map<LoanId, unknown>();

/** Given back in this turn: they travel together. */
let backs: Back[] = [];

process.on('message', (words: ToCarrier, handle: unknown) => {
  switch (words.kind) {
    case 'caller':
      callers.set(words.id, handle);
      return;
    case 'service':
      carried.set(words.id, begin(words.id, callers.get(words.id), handle));
      callers.delete(words.id);
      return;
    case 'recall':
      for (const id of words.ids) carried.get(id)?.giveBack();
  }
});

process.on('disconnect', () => {
  clearInterval(counting);
  for (const one of carried.values()) one.reset();
});

// A terminal that closes, or Ctrl-C in it, is the gateway's business.
for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined);

let told = performance.now();
let waited = performance.eventLoopUtilization();
let isQuiet = false;
const counting = setInterval(() => {
  const now = performance.now();
  const ms = now - told;
  const counts: number[] = [];
  let load = 0;
  let active = 0;
  for (const one of carried.values()) {
    const { bytesIn, bytesOut, load: more } = one.take();
    if (more > 0) counts.push(one.id, bytesIn, bytesOut);
    if (more / ms >= LEAST_EACH) active += 1;
    load += more;
  }
  const usage = performance.eventLoopUtilization();
  const busy = performance.eventLoopUtilization(usage, waited).utilization;
  // Once that nothing moves, and then nothing.
  if (load > 0 || !isQuiet) tell({ kind: 'counts', counts, load: load / ms, busy, active });
  isQuiet = load === 0;
  told = now;
  waited = usage;
}, COUNTS_MS);

tell({ kind: 'ready' });

function begin(id: LoanId, caller: unknown, service: unknown): Carried {
  return new Carried(id, caller, service, (back) => {
    carried.delete(id);
    if (backs.length === 0) queueMicrotask(tellBacks);
    backs.push(back);
  });
}

function tellBacks(): void {
  tell({ kind: 'back', backs });
  backs = [];
}

function tell(words: FromCarrier): void {
  // Who cannot be told is gone: `disconnect` says so.
  process.send?.(words, undefined, undefined, () => undefined);
}
