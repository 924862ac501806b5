/** Values that look like secrets, hidden. Pure; it must not know where they are shown. */

import { HIDDEN, isSecretName, withoutUrlPasswords } from '../core/secrets.ts';
import type { Context } from './command.ts';
import type { Variables } from './world.ts';

/** The variables as they may be shown to this reader: only on a terminal may somebody look over a shoulder; a pipe wants real values. */
export function shownVariables(
  variables: Variables,
  { world, args }: Pick<Context, 'world' | 'args'>,
): { readonly shown: Variables; readonly hidden: number } {
  if (world.stdout.isTTY !== true || args.flag('show')) return { shown: variables, hidden: 0 };
  const shown = Object.entries(variables).map(([name, value]) => [name, redacted(name, value)] as const);
  const hidden = shown.filter(([name, value]) => value !== variables[name]).length;
  return { shown: Object.fromEntries(shown), hidden };
}

/** The value as it may be shown; the same when nothing is hidden. */
export function redacted(name: string, value: string): string {
  return value !== '' && isSecretName(name) ? HIDDEN : withoutUrlPasswords(value);
}
