/**
 * Remembers what checks asked and what they were told, so that the same can be played again on another machine. One question is
 * asked once, however many checks have it. It must not know single questions, nor what is private in them (`redact.ts`).
 */

import { reasonOf } from '../../core/errors.ts';
import type { DoctorFacts } from './check.ts';
import { Unanswered } from './examine.ts';

/** One question and what came of it. */
export interface Asked {
  /** `health.lookup` */
  readonly verb: string;
  readonly args: readonly unknown[];
  readonly told: Told;
}

export type Told =
  | { readonly answer: unknown }
  | { readonly error: string }
  /** Nobody had answered when the report was made. */
  | { readonly unanswered: true };

export interface Memory {
  readonly facts: DoctorFacts;
  asked(): readonly Asked[];
}

/** Facts that are asked for once each. */
export function remember(facts: DoctorFacts): Memory {
  const entries = new Map<string, Entry>();
  const part = <T extends object>(name: string, verbs: T): T =>
    new Proxy(verbs, {
      get: (target, verb) => {
        const ask: unknown = Reflect.get(target, verb);
        if (typeof ask !== 'function') return ask;
        return (...args: unknown[]) =>
          askOnce(entries, `${name}.${String(verb)}`, args, () => ask.apply(target, args));
      },
    });
  return {
    facts: {
      platform: part('platform', facts.platform),
      health: part('health', facts.health),
      own: part('own', facts.own),
    },
    asked: () => [...entries.values()].map(({ verb, args, told }) => ({ verb, args, told })),
  };
}

interface Entry {
  readonly verb: string;
  readonly args: readonly unknown[];
  /** As the verb gave it: a promise, or the answer itself. */
  give(): unknown;
  told: Told;
}

function askOnce(
  entries: Map<string, Entry>,
  verb: string,
  args: readonly unknown[],
  ask: () => unknown,
): unknown {
  const key = keyOf(verb, args);
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = { verb, args, give: () => undefined, told: { unanswered: true } };
    entries.set(key, entry);
    note(entry, ask);
  }
  return entry.give();
}

function note(entry: { give(): unknown; told: Told }, ask: () => unknown): void {
  try {
    const answer = ask();
    entry.give = () => answer;
    if (!(answer instanceof Promise)) {
      entry.told = { answer };
      return;
    }
    answer.then(
      (value: unknown) => {
        entry.told = { answer: value };
      },
      (error: unknown) => {
        entry.told = { error: reasonOf(error) };
      },
    );
  } catch (error) {
    entry.told = { error: reasonOf(error) };
    entry.give = () => {
      throw error;
    };
  }
}

/** The facts as they were recorded. A question that was not asked then is refused. */
export function replay(asked: readonly Asked[]): DoctorFacts {
  const told = new Map(asked.map((one) => [keyOf(one.verb, one.args), one.told]));
  const part = <T extends object>(name: string): T =>
    new Proxy({} as T, {
      get: (_, verb) => {
        // Whoever awaits the whole asks whether it is a promise.
        if (verb === 'then') return undefined;
        return (...args: unknown[]) => retell(told.get(keyOf(`${name}.${String(verb)}`, args)));
      },
    });
  return { platform: part('platform'), health: part('health'), own: part('own') };
}

/** Answers come at once where a check would have to wait: awaiting them changes nothing. */
function retell(told: Told | undefined): unknown {
  if (told === undefined) throw new Error('the record does not hold this');
  if ('answer' in told) return told.answer;
  if ('error' in told) throw new Error(told.error);
  throw new Unanswered('no answer');
}

/** Without the names of absent values, which JSON does not keep either. */
function keyOf(verb: string, args: readonly unknown[]): string {
  return `${verb} ${JSON.stringify(args)}`;
}
