/** `faults:` of a need or a service -> faults, each checked against its kind. It must not know links. */

import type { Fault } from '../../core/fault.ts';
import { checkFault, type FaultProblem, type FaultWords } from '../../core/fault-words.ts';
import { hash53 } from '../../core/hash.ts';
import type { Path } from '../reporter.ts';
import type { Context } from './draft.ts';

type Scalar = string | number | boolean;
type RawFaults = Readonly<Record<string, Scalar | Readonly<Record<string, Scalar>>>>;

/** Keys of a fault that are no settings. */
const OWN = ['kind', 'direction', 'probability', 'seed'] as const;

export function readFaults(raw: RawFaults | undefined, path: Path, context: Context): readonly Fault[] {
  return Object.entries(raw ?? {}).flatMap(([name, value]) => {
    const own = [...path, name];
    const text = (key: string, given: Scalar): string =>
      context.report.source([...own, key]) ?? String(given);
    const words: FaultWords =
      typeof value === 'object'
        ? mapWords(name, value, text)
        : scalarWords(name, context.report.source(own) ?? String(value));
    // The same file gives the same draws.
    const checked = checkFault(words, context.faults, { now: 0, seed: hash53(name) % 2 ** 32 });
    if (checked.ok) return [checked.fault];
    for (const problem of checked.problems) complain(problem, value, own, context);
    return [];
  });
}

/** `refuse: true` */
function scalarWords(kind: string, text: string): FaultWords {
  return text === 'true' ? { kind, settings: {} } : { kind, value: text, settings: {} };
}

function mapWords(
  name: string,
  value: Readonly<Record<string, Scalar>>,
  text: (key: string, given: Scalar) => string,
): FaultWords {
  const settings: Record<string, string> = {};
  const own: Partial<Record<(typeof OWN)[number], string>> = {};
  for (const [key, given] of Object.entries(value)) {
    const word = OWN.find((one) => one === key);
    if (word === undefined) settings[key] = text(key, given);
    else own[word] = text(key, given);
  }
  return { kind: name, name, ...own, settings };
}

function complain(
  { part, message, hint }: FaultProblem,
  value: RawFaults[string],
  path: Path,
  { report }: Context,
): void {
  const isInMap = typeof value === 'object' && Object.hasOwn(value, part);
  if (part === 'kind' && !isInMap) report.key(path, message, hint);
  else if (isInMap) report.value([...path, part], message, hint);
  else report.value(path, message, hint);
}
