/** `lo why PORT`: the diagnosis. It must not know how it is shown. */

import type { WhyRequest } from '../../core/api.ts';
import type { BindAddress, WhyReport } from '../../core/inspection.ts';
import { CAUSES } from '../causes/all.ts';
import type { Situation, Trial } from '../causes/cause.ts';
import type { InspectorTools } from '../look.ts';
import { answererAt, answererFor, pidOf } from './answers.ts';
import { gather } from './situation.ts';

export async function why(tools: InspectorTools, request: WhyRequest): Promise<WhyReport> {
  const situation = await gather(tools, request.port);
  const trials = situation.trials.filter(isPlain);
  const answers = (...order: readonly string[]): number | null => pidOf(answererFor(order, situation));
  return {
    schema: 1,
    port: situation.port,
    bindable: bindable(trials),
    refusals: refusals(trials),
    answers: {
      '127.0.0.1': pidOf(answererAt('127.0.0.1', situation)),
      '::1': pidOf(answererAt('::1', situation)),
    },
    localhost: {
      order: situation.localhost,
      ipv6First: answers('::1', '127.0.0.1'),
      ipv4First: answers('127.0.0.1', '::1'),
    },
    listeners: [...situation.listeners, ...situation.udp],
    causes: causesOf(situation),
    unseen: situation.unseen,
  };
}

function causesOf(situation: Situation): WhyReport['causes'] {
  return CAUSES.flatMap((cause) => cause.find(situation));
}

type PlainTrial = Trial & { readonly address: BindAddress };

/** The four that the report tells of; `::` as servers ask for it by default. */
function isPlain(trial: Trial): trial is PlainTrial {
  return !trial.ipv6Only && trial.address !== '127.0.0.2' && trial.address !== '::ffff:127.0.0.1';
}

function bindable(trials: readonly PlainTrial[]): WhyReport['bindable'] {
  const answers: Record<BindAddress, boolean> = {
    '127.0.0.1': false,
    '::1': false,
    '0.0.0.0': false,
    '::': false,
  };
  for (const { address, answer } of trials) answers[address] = answer.bindable;
  return answers;
}

function refusals(trials: readonly PlainTrial[]): WhyReport['refusals'] {
  return Object.fromEntries(
    trials.flatMap(({ address, answer }) => (answer.bindable ? [] : [[address, answer.code]])),
  );
}
