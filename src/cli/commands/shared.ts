/** Words, options and small checks that several commands have in common. It must not know any of them. */

import { LoopyardError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units.ts';
import type { OptionPage, PositionalPage } from '../../generate/command-page.ts';
import type { Args } from '../args.ts';

export const SERVICES: PositionalPage = {
  name: 'SERVICE',
  summary: 'Names of services; without any, all',
  count: 'many',
  complete: 'services',
};

export const ONE_SERVICE: PositionalPage = {
  name: 'SERVICE',
  summary: 'The name of a service',
  count: 'one',
  complete: 'services',
};

export const YES: OptionPage = { name: 'yes', short: 'y', summary: 'Do not ask' };

export const TIMEOUT: OptionPage = {
  name: 'timeout',
  value: 'DURATION',
  summary: 'Give up when not everything is ready by then: `60s`, `2m`; default: as long as it takes',
};

/** ms; undefined when the option was not given. Errors: USAGE. */
export function durationOption(args: Args, name: string): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new LoopyardError('USAGE', {
    reason: `--${name} is no duration: \`${text}\``,
    fix: 'write it as `250ms`, `5s`, `2m` or `1h`',
  });
}

/** Errors: USAGE. */
export function countOption(args: Args, name: string, least: number, most: number): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const range = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new LoopyardError('USAGE', {
    reason: `--${name} is no whole number ${range}: \`${text}\``,
    fix: `write it as \`--${name} ${least}\``,
  });
}
