/** Several products or protocols that one check looks for: one look each, and one verdict of them all. It must not know single ones. */

import { inconclusive, notApplicable, type Outcome } from '../verdict.ts';
import { ProbeFailure } from './wire.ts';

export type Look = () => Outcome | Promise<Outcome>;

/** One after the other, or a few `together`, up to the first that finds something. */
export async function inTurn(looks: readonly Look[], together = 1): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < looks.length; at += together) {
    outcomes.push(...(await Promise.all(looks.slice(at, at + together).map(attempted))));
    if (outcomes.some(({ verdict }) => verdict === 'vulnerable')) break;
    if (outcomes.filter(({ verdict }) => verdict === 'inconclusive').length >= MOST_FAILURES) break;
  }
  return verdictOf(outcomes);
}

/** Of requests over HTTP: as many connections as a browser opens, and less. */
export const FEW = 3;

/** All together: where each costs the time of an answer that does not come. */
export async function atOnce(looks: readonly Look[]): Promise<Outcome> {
  return verdictOf(await Promise.all(looks.map(attempted)));
}

/** A server that cuts one request off may answer the next; whoever leaves two without an answer leaves the rest as well. */
const MOST_FAILURES = 2;

/** A server is one program: that it is none of the others says nothing. */
function verdictOf(outcomes: readonly Outcome[]): Outcome {
  for (const wanted of ['vulnerable', 'safe', 'inconclusive'])
    for (const outcome of outcomes) if (outcome.verdict === wanted) return outcome;
  return notApplicable('it is none of the servers that this check knows');
}

async function attempted(look: Look): Promise<Outcome> {
  try {
    return await look();
  } catch (error) {
    // Of one look alone: the others still have their say.
    if (error instanceof ProbeFailure) return inconclusive(error.message);
    throw error;
  }
}
