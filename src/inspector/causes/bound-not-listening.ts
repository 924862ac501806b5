/** BOUND_NOT_LISTENING: a program has bound the port and does not listen. No table of the kernel shows that; binds are refused all the same. */

import type { CauseDocument, OwnerDocument } from '../../core/inspection.ts';
import { canBind } from '../why/bindable.ts';
import { ASKS } from '../why/trials.ts';
import { unaccountedTrials } from './blocking.ts';
import type { Cause, Situation, Trial } from './cause.ts';
import { bindEvidence, listText, ownerEvidence, ownerText, rootCommand } from './words.ts';

export const boundNotListening: Cause = {
  code: 'BOUND_NOT_LISTENING',
  summary:
    'A program has bound the port but does not listen (yet): it stands in no table, connections to it are refused, and so is every bind.',
  find: (situation) => {
    const trials = unaccountedTrials(situation);
    // The reason may be a listener that could not be read.
    return trials.length === 0 || situation.isBlind ? [] : [documentOf(situation, trials)];
  },
};

/** More than so many names help nobody. */
const MOST = 5;

function documentOf(situation: Situation, trials: readonly Trial[]): CauseDocument {
  const { port } = situation;
  const candidates = ranked(situation.unlisted, port);
  const [first] = candidates;
  const isOne = first !== undefined && (candidates.length === 1 || mentions(first, port));
  const where = boundAddress(trials);
  const who = isOne
    ? `probably ${ownerText(first)}`
    : first === undefined
      ? 'and which one is not seen from here'
      : `one of ${listText(candidates.slice(0, MOST).map(ownerText), 'or')}`;
  return {
    code: boundNotListening.code,
    text: `A program has bound port ${port}${where === null ? '' : ` on ${where}`} and does not listen, ${who}. It may be stuck in its start.`,
    evidence: [
      bindEvidence(situation),
      'no listener and no connection in the tables is the reason',
      ...candidates
        .slice(0, MOST)
        .map((one) => `holds a socket that stands in no table: ${ownerEvidence(one)}`),
    ],
    fix: isOne
      ? `ps -fp ${first.pid}   # if that is the one: kill ${first.pid}`
      : first === undefined
        ? seeMore(situation)
        : `ps -fp ${candidates.map(({ pid }) => pid).join()}   # end the one that was to serve ${port}`,
    pid: isOne ? first.pid : null,
    sure: isOne && candidates.length === 1 ? 'likely' : 'possible',
  };
}

function seeMore({ port, uid }: Situation): string | null {
  return uid === 0 ? null : rootCommand(port);
}

/** Whose command line names the port comes first, then the youngest. */
function ranked(owners: readonly OwnerDocument[], port: number): readonly OwnerDocument[] {
  const age = ({ started }: OwnerDocument): number => (started === null ? 0 : Date.parse(started));
  return owners.toSorted(
    (one, other) => Number(mentions(other, port)) - Number(mentions(one, port)) || age(other) - age(one),
  );
}

function mentions({ command }: OwnerDocument, port: number): boolean {
  return command.some((word) => new RegExp(`(?<!\\d)${port}(?!\\d)`).test(word));
}

const SHAPES = ['127.0.0.1', '127.0.0.2', '::1', '0.0.0.0', '::'] as const;

/** The address whose row of the truth table is this pattern of refusals. */
function boundAddress(refused: readonly Trial[]): string | null {
  const pattern = (isRefused: (ask: (typeof ASKS)[number]) => boolean): string =>
    ASKS.map((ask) => (isRefused(ask) ? 'x' : '.')).join('');
  const seen = pattern((ask) =>
    refused.some(({ address, ipv6Only }) => address === ask.address && ipv6Only === ask.ipv6Only),
  );
  return SHAPES.find((address) => pattern((ask) => canBind(ask, [{ address }]) !== true) === seen) ?? null;
}
