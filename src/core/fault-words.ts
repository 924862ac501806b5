/**
 * A fault as people write it, in the config or after `lo fault add`, checked against its kind: a whole fault comes out, or all that is
 * wrong with the words. Pure; it must not know which kinds there are, nor where the words stand.
 */

import type { Fault, FaultDirection, FaultKind, FaultSetting } from './fault.ts';
import { suggest } from './suggest.ts';
import { parseDuration, parseRate, parseRatio, parseSize } from './units.ts';

export interface FaultWords {
  readonly kind: string;
  /** Of the kind's main setting: `200ms` in `latency=200ms`. */
  readonly value?: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly direction?: string;
  /** The kind, unless it is given. */
  readonly name?: string;
  readonly probability?: string;
  readonly seed?: string;
  /** How long it lasts. */
  readonly for?: string;
}

export interface FaultProblem {
  /** What it is about: `kind`, `direction`, … or the name of a setting; `value`: the kind's main one. */
  readonly part: string;
  readonly message: string;
  readonly hint: string;
}

export interface FaultFacts {
  /** Epoch ms. */
  readonly now: number;
  /** Stands in for a seed that is not given. */
  readonly seed: number;
}

export type CheckedFault =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly problems: readonly FaultProblem[] };

const DIRECTIONS: readonly FaultDirection[] = ['up', 'down', 'both'];
const GREATEST_SEED = 0xffff_ffff;
/** Anything longer would make a timer fire at once. */
const LONGEST_MS = 24 * 3_600_000;

export function checkFault(words: FaultWords, kinds: readonly FaultKind[], facts: FaultFacts): CheckedFault {
  const kind = kinds.find(({ name }) => name === words.kind);
  if (kind === undefined) return { ok: false, problems: [unknownKind(words.kind, kinds)] };
  const problems: FaultProblem[] = [];
  const settings = readSettings(words, kind, problems);
  const fault: Fault = {
    name: readName(words, problems),
    kind: kind.name,
    direction: readDirection(words, kind, problems),
    settings,
    probability: readProbability(words, problems),
    seed: readSeed(words, facts, problems),
    until: readUntil(words, facts, problems),
  };
  // What is wrong with two settings together can only be said of right ones.
  if (problems.length === 0)
    for (const message of kind.check?.(settings) ?? [])
      problems.push({ part: 'value', message: `${kind.name}: ${message}`, hint: exampleHint(kind) });
  return problems.length === 0 ? { ok: true, fault } : { ok: false, problems };
}

function unknownKind(name: string, kinds: readonly FaultKind[]): FaultProblem {
  const names = kinds.map((kind) => kind.name);
  const near = suggest(name, names);
  const hint = near === undefined ? `the faults are: ${names.join(', ')}` : `did you mean \`${near}\`?`;
  return { part: 'kind', message: `there is no fault \`${name}\``, hint };
}

function readSettings(
  words: FaultWords,
  kind: FaultKind,
  problems: FaultProblem[],
): Readonly<Record<string, number | string>> {
  const given = givenSettings(words, kind, problems);
  const settings: Record<string, number | string> = {};
  for (const setting of kind.settings) {
    const text = given.get(setting.name);
    const part = setting.name === kind.main && words.value !== undefined ? 'value' : setting.name;
    const value = text === undefined ? setting.fallback : readSetting(text, setting, kind, part, problems);
    if (value !== undefined) settings[setting.name] = value;
    else if (text === undefined) problems.push(missing(setting, kind));
  }
  return settings;
}

/** By name, the main one among them; those that the kind does not have are problems. */
function givenSettings(
  words: FaultWords,
  kind: FaultKind,
  problems: FaultProblem[],
): ReadonlyMap<string, string> {
  const given = new Map(Object.entries(words.settings));
  if (words.value !== undefined) {
    if (kind.main === null) problems.push(noValue(kind));
    else if (given.has(kind.main)) problems.push(twice(kind, kind.main));
    else given.set(kind.main, words.value);
  }
  const known = new Set(kind.settings.map(({ name }) => name));
  for (const name of given.keys()) if (!known.has(name)) problems.push(unknownSetting(name, kind));
  return given;
}

function readSetting(
  text: string,
  setting: FaultSetting,
  kind: FaultKind,
  part: string,
  problems: FaultProblem[],
): number | string | undefined {
  const value = UNITS[setting.unit].read(text, setting);
  const about = `${setting.name} of ${kind.name}`;
  if (value === undefined) {
    const wanted = UNITS[setting.unit].words(setting);
    const message = `${about}: expected ${wanted}, got \`${text}\``;
    const near = setting.choices === undefined ? undefined : suggest(text, setting.choices);
    problems.push({
      part,
      message,
      hint: near === undefined ? exampleHint(kind) : `did you mean \`${near}\`?`,
    });
  } else if (typeof value === 'number' && setting.least !== undefined && value < setting.least) {
    const least = UNITS[setting.unit].show(setting.least);
    problems.push({
      part,
      message: `${about} is at least ${least}, got \`${text}\``,
      hint: exampleHint(kind),
    });
  }
  return value;
}

interface Unit {
  read(text: string, setting: FaultSetting): number | string | undefined;
  words(setting: FaultSetting): string;
  show(value: number): string;
}

const UNITS: Readonly<Record<FaultSetting['unit'], Unit>> = {
  duration: {
    read: (text) => orZero(text, parseDuration(text)),
    words: () => 'a duration such as 200ms or 1s',
    show: showDuration,
  },
  size: {
    read: (text) => orZero(text, parseSize(text)),
    words: () => 'a size such as 512B, 64KB or 1MiB',
    show: showSize,
  },
  rate: {
    read: (text) => orZero(text, parseRate(text)),
    words: () => 'a rate such as 64KB/s or 1MB/s',
    show: (value) => `${showSize(value)}/s`,
  },
  ratio: {
    read: parseRatio,
    words: () => 'a share from 0 to 1, such as 0.5 or 50%',
    show: String,
  },
  choice: {
    read: (text, { choices = [] }) => choices.find((choice) => choice === text),
    words: ({ choices = [] }) => choices.map((choice) => `\`${choice}\``).join(' or '),
    show: String,
  },
};

/** As typed after `lo fault add`: what is not given by the kind itself. */
export function showFault({ kind: name, settings }: Fault, kinds: readonly FaultKind[]): string {
  const kind = kinds.find((one) => one.name === name);
  const words = (kind?.settings ?? []).flatMap((setting) => {
    const value = settings[setting.name];
    if (value === undefined || value === setting.fallback) return [];
    const text = typeof value === 'number' ? UNITS[setting.unit].show(value) : value;
    return [setting.name === kind?.main ? `${name}=${text}` : `${setting.name}=${text}`];
  });
  return words[0]?.startsWith(`${name}=`) === true ? words.join(' ') : [name, ...words].join(' ');
}

/** Exact, in the largest unit that needs no fraction. */
function showDuration(ms: number): string {
  return ms >= 1000 && ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function showSize(bytes: number): string {
  const unit = [
    { name: 'GB', bytes: 1e9 },
    { name: 'MB', bytes: 1e6 },
    { name: 'KB', bytes: 1e3 },
  ].find((one) => bytes >= one.bytes && bytes % one.bytes === 0);
  return unit === undefined ? `${bytes}B` : `${bytes / unit.bytes}${unit.name}`;
}

/** Nothing is nothing in any unit. */
function orZero(text: string, value: number | undefined): number | undefined {
  return text === '0' ? 0 : value;
}

function missing(setting: FaultSetting, kind: FaultKind): FaultProblem {
  const { name } = setting;
  return { part: 'value', message: `${kind.name} needs its ${name}`, hint: exampleHint(kind) };
}

function noValue(kind: FaultKind): FaultProblem {
  const { name } = kind;
  return {
    part: 'value',
    message: `${name} takes no value`,
    hint: `write it as \`${name}\`, settings behind it`,
  };
}

function twice(kind: FaultKind, setting: string): FaultProblem {
  const message = `${setting} of ${kind.name} is given twice`;
  return { part: setting, message, hint: `\`${kind.name}=…\` is the same as \`${setting}=…\`` };
}

function unknownSetting(name: string, kind: FaultKind): FaultProblem {
  const names = kind.settings.map((setting) => setting.name);
  const near = suggest(name, names);
  const all = names.length === 0 ? 'it has none' : `its settings are: ${names.join(', ')}`;
  const hint = near === undefined ? all : `did you mean \`${near}\`?`;
  return { part: name, message: `${kind.name} has no setting \`${name}\``, hint };
}

function exampleHint(kind: FaultKind): string {
  return `for example \`${kind.example}\``;
}

function readName({ kind, name = kind }: FaultWords, problems: FaultProblem[]): string {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    const message = `\`${name}\` is no name for a fault`;
    problems.push({ part: 'name', message, hint: 'lower-case letters, digits and `-`, a letter first' });
  }
  return name;
}

function readDirection(words: FaultWords, kind: FaultKind, problems: FaultProblem[]): FaultDirection {
  const { direction } = words;
  if (direction === undefined) return kind.direction;
  const found = DIRECTIONS.find((one) => one === direction);
  if (found === undefined) {
    const near = suggest(direction, DIRECTIONS);
    const hint = near === undefined ? 'from the caller, to the caller, or both' : `did you mean \`${near}\`?`;
    const message = `direction: expected \`up\`, \`down\` or \`both\`, got \`${direction}\``;
    problems.push({ part: 'direction', message, hint });
  }
  return found ?? kind.direction;
}

function readProbability({ probability }: FaultWords, problems: FaultProblem[]): number {
  const value = probability === undefined ? 1 : parseRatio(probability);
  if (value === undefined) {
    const message = `probability: expected a share from 0 to 1, such as 0.5 or 50%, got \`${probability}\``;
    problems.push({ part: 'probability', message, hint: 'it is the share of connections that are affected' });
  }
  return value ?? 1;
}

function readSeed({ seed }: FaultWords, facts: FaultFacts, problems: FaultProblem[]): number {
  if (seed === undefined) return facts.seed;
  const value = /^\d{1,10}$/.test(seed) ? Number(seed) : Number.NaN;
  if (value <= GREATEST_SEED) return value;
  const message = `seed: expected a whole number from 0 to ${GREATEST_SEED}, got \`${seed}\``;
  problems.push({ part: 'seed', message, hint: 'the same seed gives the same draws' });
  return facts.seed;
}

function readUntil(words: FaultWords, { now }: FaultFacts, problems: FaultProblem[]): number | null {
  if (words.for === undefined) return null;
  const ms = parseDuration(words.for);
  if (ms !== undefined && ms > 0 && ms <= LONGEST_MS) return now + ms;
  const message = `for: expected a duration of at most 24h, such as 30s, got \`${words.for}\``;
  problems.push({ part: 'for', message, hint: 'without one it lasts until it is taken away' });
  return null;
}
