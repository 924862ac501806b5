/**
 * The faults that are in force on one link: which of them meet a connection, drawn once for it, and which stay the same when others
 * come and go. It must not know sockets.
 */

import type { Fault } from '../../core/fault.ts';
import { type Random, randomFrom } from '../../core/faults/random.ts';
import { FAULTS } from '../faults/all.ts';
import type { FaultPart } from '../faults/pipe.ts';

/** One fault from when it comes to when it goes; its settings may change meanwhile. */
export interface Force {
  fault: Fault;
  readonly part: FaultPart;
  /** Connections that it was asked about: the number of each is part of its seed. */
  asked: number;
}

/** What one connection has drawn from one fault. */
export interface Lot {
  readonly number: number;
  readonly hit: boolean;
}

/** The forces after a change: those that stay are the same objects. Faults of a kind that is not known are of a newer daemon: left out. */
export function renewForces(
  before: readonly Force[],
  faults: readonly Fault[],
  now: number,
): readonly Force[] {
  return faults
    .filter(({ until }) => until === null || until > now)
    .flatMap((fault) => {
      const kept = before.find((force) => isSame(force.fault, fault));
      if (kept !== undefined) {
        // The object stays when nothing changed, so that a look at it tells.
        if (!sameSettings(kept.fault, fault)) kept.fault = fault;
        return [kept];
      }
      const part = FAULTS.find(({ name }) => name === fault.kind);
      return part === undefined ? [] : [{ fault, part, asked: 0 }];
    });
}

/** Epoch ms when the next of them goes by itself; Infinity: none does. */
export function nextEnd(faults: readonly Fault[], now: number): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...faults.flatMap(({ until }) => (until === null || until <= now ? [] : [until])),
  );
}

export function drawLot(force: Force): Lot {
  const { seed, probability } = force.fault;
  const number = force.asked;
  force.asked += 1;
  return { number, hit: randomFrom(seed, number, DRAWS.probability)() < probability };
}

/** The numbers of one connection's pipe. */
export function pipeRandom(force: Force, lot: Lot, direction: 'up' | 'down'): Random {
  return randomFrom(force.fault.seed, lot.number, DRAWS[direction]);
}

const DRAWS = { probability: 0, up: 1, down: 2 } as const;

function isSame(one: Fault, other: Fault): boolean {
  return (
    one.name === other.name &&
    one.kind === other.kind &&
    one.direction === other.direction &&
    one.seed === other.seed &&
    one.probability === other.probability
  );
}

function sameSettings(one: Fault, other: Fault): boolean {
  const names = Object.keys(other.settings);
  return (
    one.until === other.until &&
    names.length === Object.keys(one.settings).length &&
    names.every((name) => one.settings[name] === other.settings[name])
  );
}
