/** Which well-known program a target is: so that a fix can be the shortest one for it. A fix may name a program; a verdict never may. */

import { ownerOf, type Target } from '../target.ts';

/** The words of its command line, directories taken off: `node server.js`, `redis-server *:6379`. Empty when no owner is seen. */
export function commandWords(target: Target): string {
  const command = ownerOf(target)?.command ?? [];
  return command.map((word) => word.replace(/^.*\/(?=[^/]+$)/, '')).join(' ');
}

export function isProgram(target: Target, program: RegExp): boolean {
  return program.test(commandWords(target));
}

export interface ProgramFix {
  /** Matches the words of the command line. */
  readonly program: RegExp;
  readonly fix: string;
}

/** The first that fits; null: none is known. */
export function fixFor(target: Target, fixes: readonly ProgramFix[]): string | null {
  return fixes.find(({ program }) => isProgram(target, program))?.fix ?? null;
}

/** For services of ours whose recipe has the option `password`. Null: it is none of ours. */
export function recipeFix({ service, place }: Target): string | null {
  if (service === null) return null;
  const where = place === null ? 'its config' : `${place.file}:${place.line}`;
  return `give ${service.name} (${where}) a password: \`with: { password: … }\` where it has a recipe`;
}
