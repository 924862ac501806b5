/** How a program is made to listen on one address instead of all: a command or an edit that can be pasted. Pure. */

import type { ListenerDocument, OwnerDocument } from '../../core/inspection.ts';
import { quote } from './words.ts';

/** Programs by a word of their command line, with the flag that names their address. */
const FLAGS: readonly (readonly [RegExp, string, ...string[]])[] = [
  [/^http\.server$/, '--bind', '-b'],
  [/(^|\/)(vite|vite\.js|astro|astro\.js|uvicorn|flask|webpack|webpack\.js)$/, '--host'],
  [/(^|\/)next$/, '--hostname', '-H'],
];

/** Null: nothing exact is known. */
export function narrowing(listener: ListenerDocument, port: number): string | null {
  const { container, service, unit } = listener;
  const [owner] = listener.owners;
  if (container?.target != null)
    return `-p 127.0.0.1:${port}:${container.target.port}   # in place of the container's -p or ports:`;
  // Their command lines are not what a person typed.
  if (owner === undefined || service !== null || unit !== null) return null;
  const known = FLAGS.find(([pattern]) => owner.command.some((word) => pattern.test(word)));
  if (known !== undefined) {
    const [, ...flags] = known;
    const command = withFlag(owner.command, flags, '127.0.0.1').map(quote).join(' ');
    const place = owner.cwd === null ? '' : `cd ${quote(owner.cwd)} && `;
    return `lo kill ${port} && ${place}${command}`;
  }
  return isNode(owner) ? `server.listen(${port}, '127.0.0.1')` : null;
}

function isNode({ command }: OwnerDocument): boolean {
  return /(^|\/)node$/.test(command[0] ?? '');
}

/** With the value given to the flag, which is there under one of its names or put at the end. */
function withFlag(command: readonly string[], names: readonly string[], value: string): readonly string[] {
  const index = command.findIndex((word) =>
    names.some((name) => word === name || word.startsWith(`${name}=`)),
  );
  const [longName = ''] = names;
  if (index < 0) return [...command, longName, value];
  const word = command[index] ?? '';
  if (word.includes('=')) return command.with(index, `${word.split('=')[0]}=${value}`);
  const next = command[index + 1];
  const hasValue = next !== undefined && !next.startsWith('-');
  return command.toSpliced(index + 1, hasValue ? 1 : 0, value);
}
