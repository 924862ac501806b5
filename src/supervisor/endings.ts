/** The endings under way, one per run: who asks again joins the one that goes on. It must not know how a run is ended. */

import { setTimeout as delay } from 'node:timers/promises';
import type { StopPolicy } from '../core/model.ts';
import { Ending, type EndTools } from './ending.ts';
import { type MemberQuery, memberQuery } from './members.ts';
import type { RunRecords } from './records.ts';
import type { RunRef } from './supervisor.ts';

/** After everything else of a run is gone, its waiter has so long to write down how it ended; in ms. */
const RECORD_WITHIN_MS = 2000;

interface UnderWay {
  readonly ending: Ending;
  readonly whole: Promise<void>;
}

export class Endings {
  readonly #tools: EndTools;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(tools: EndTools) {
    this.#tools = tools;
  }

  /** Resolves when no member is left and the waiter has written how the program ended, if it will. */
  end(run: RunRef, records: RunRecords, policy: StopPolicy, force: boolean): Promise<void> {
    const known = this.#underWay.get(run.mark);
    if (known !== undefined) {
      if (force) known.ending.force();
      return known.whole;
    }
    const query = (): MemberQuery => memberQuery(run, records.get(run.id));
    const ending = new Ending(this.#tools, query, policy, force);
    const whole = carryOut(ending, run, records).finally(() => this.#underWay.delete(run.mark));
    this.#underWay.set(run.mark, { ending, whole });
    return whole;
  }
}

async function carryOut(ending: Ending, run: RunRef, records: RunRecords): Promise<void> {
  const nudging = records.listen((id) => {
    if (id === run.id) ending.nudge();
  });
  await ending.done.finally(() => nudging[Symbol.dispose]());
  const { pid } = records.get(run.id);
  if (pid !== null) await records.until(run.id, ({ exit }) => exit !== null, delay(RECORD_WITHIN_MS));
}
