/**
 * Whether the body of a request has the fields that its route asks for, each of its kind. It must not know what they mean: names of
 * services and environments are looked up by the engine.
 */

import { isAbsolute } from 'node:path';
import type { Route } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';

type Body = Readonly<Record<string, unknown>>;

interface Kind {
  readonly words: string;
  fits(value: unknown): boolean;
}

const TEXT: Kind = { words: 'a string', fits: isText };
const FLAG: Kind = { words: 'true or false', fits: (value) => typeof value === 'boolean' };
const NUMBER: Kind = { words: 'a whole number', fits: Number.isSafeInteger };
const PATH: Kind = { words: 'an absolute path', fits: (value) => isText(value) && isAbsolute(value) };

/** By the field's name, which means the same in every route. */
export const KINDS: Readonly<Record<string, Kind>> = {
  all: FLAG,
  directory: PATH,
  environment: TEXT,
  fault: {
    words: 'an object with the strings `kind` and what else is typed, and an object `settings` of strings',
    fits: isFaultWords,
  },
  file: PATH,
  follow: FLAG,
  force: FLAG,
  forget: FLAG,
  grep: TEXT,
  inline: {
    words: 'an object with the strings `name` and `yaml`',
    fits: (value) => isObject(value) && isText(value.name) && isText(value.yaml),
  },
  link: TEXT,
  listen: TEXT,
  make: FLAG,
  name: TEXT,
  owner: {
    words: '`none`, `stop` or `kill`',
    fits: (value) => isText(value) && ['none', 'stop', 'kill'].includes(value),
  },
  pid: NUMBER,
  port: { words: 'a port, 1 to 65535', fits: isPort },
  reopen: FLAG,
  scope: {
    words: '`loopback`, `interface` or `wildcard`',
    fits: (value) => isText(value) && ['loopback', 'interface', 'wildcard'].includes(value),
  },
  service: { words: 'a string or null', fits: (value) => value === null || isText(value) },
  services: { words: 'a list of strings', fits: (value) => Array.isArray(value) && value.every(isText) },
  since: { words: 'a number of ms', fits: Number.isFinite },
  subject: TEXT,
  tail: NUMBER,
  target: TEXT,
  to: TEXT,
  untilSettled: FLAG,
  variables: {
    words: 'an object of strings',
    fits: (value) => isObject(value) && Object.values(value).every(isText),
  },
};

/** Errors: REQUEST_INVALID. Fields that the route does not know pass: a newer client may send them. */
export function checkRequest(route: Route, body: Body): void {
  for (const [field, meaning] of Object.entries(route.request)) {
    const value = body[field];
    if (value === undefined && meaning.startsWith('optional')) continue;
    const kind = KINDS[field];
    if (kind === undefined || kind.fits(value)) continue;
    const given = value === undefined ? 'is missing' : `is ${JSON.stringify(value).slice(0, 100)}`;
    throw new LoopyardError('REQUEST_INVALID', { reason: `\`${field}\` ${given}, it must be ${kind.words}` });
  }
}

/** A NUL can stand in no path, no variable and no argument. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFaultWords(value: unknown): boolean {
  if (!isObject(value) || !isText(value.kind) || !isObject(value.settings)) return false;
  const { settings, ...rest } = value;
  return [...Object.values(settings), ...Object.values(rest)].every(isText);
}

function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 65_535;
}
