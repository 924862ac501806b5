/** Values that look like secrets, hidden. Pure; it must not know where they are shown. */

import type { Context } from './command.ts';
import type { Variables } from './world.ts';

const SECRET_NAME =
  /PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIAL|(?:^|_)(?:API_?|PRIVATE_?|ACCESS_?)?KEY(?:_|$)/i;
const PASSWORD_IN_URL = /(:\/\/[^/\s:@]*:)[^/\s@]+@/g;

const HIDDEN = '********';

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
  if (value !== '' && SECRET_NAME.test(name)) return HIDDEN;
  return value.replace(PASSWORD_IN_URL, `$1${HIDDEN}@`);
}
