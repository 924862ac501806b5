/** Which well-known program a target is: so that a fix can be the shortest one for it. A fix may name a program; a verdict never may. */

import { ownerOf, type Target } from '../target.ts';

/** The words of its command line, directories taken off: `node server.js`, `redis-server *:6379`. Empty when no owner is seen. */
function commandWords(target: Target): string {
  const command = ownerOf(target)?.command ?? [];
  return command.map((word) => word.replace(/^.*\/(?=[^/]+$)/, '')).join(' ');
}

export interface ProgramFix {
  /** Matches the words of the command line. */
  readonly program: RegExp;
  readonly fix: string;
}

/** The first that fits; null: none is known. */
export function fixFor(target: Target, fixes: readonly ProgramFix[]): string | null {
  const words = commandWords(target);
  return fixes.find(({ program }) => program.test(words))?.fix ?? null;
}

/** Of recipes that take a password. */
const WITH_PASSWORD: readonly string[] = ['redis', 'postgres'];

/** The recipe's own setting where the service uses one that has it, else as `fixFor`. */
export function passwordFix(target: Target, fixes: readonly ProgramFix[]): string | null {
  const { service, place } = target;
  if (service?.recipe === null || service === null || !WITH_PASSWORD.includes(service.recipe))
    return fixFor(target, fixes);
  const where = place === null ? '' : ` (${place.file}:${place.line})`;
  return `give \`${service.name}\`${where} a password: \`with: { password: … }\`; its clients get it by \`\${${service.name}.url}\``;
}
