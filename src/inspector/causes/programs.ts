/** Which listeners belong together: sockets of one program, however many processes and sockets it has. Pure. */

import type { ListenerDocument } from '../../core/inspection.ts';

/** All TCP sockets of one program on the port, never empty. */
export type Program = readonly [ListenerDocument, ...ListenerDocument[]];

/** In the order of the listeners. */
export function programsOf(listeners: readonly ListenerDocument[]): readonly Program[] {
  const programs: Program[] = [];
  for (const listener of listeners) {
    const index = programs.findIndex((program) => program.some((one) => sameProgram(one, listener)));
    const program = programs[index];
    if (program === undefined) programs.push([listener]);
    else programs[index] = [...program, listener];
  }
  return programs;
}

/** A process is known by itself, by a common ancestor that holds a socket too, or by the service, unit or container around both. */
export function sameProgram(one: ListenerDocument, other: ListenerDocument): boolean {
  if (one.owners.length === 0 && other.owners.length === 0)
    return one.user === other.user && sameSurroundings(one, other) !== false;
  return isFamily(one, other) || isFamily(other, one) || sameSurroundings(one, other) === true;
}

function isFamily(elder: ListenerDocument, younger: ListenerDocument): boolean {
  const pids = new Set(elder.owners.map(({ pid }) => pid));
  return younger.owners.some(({ pid, parents }) => pids.has(pid) || parents.some((one) => pids.has(one.pid)));
}

/** Null: neither has any. */
function sameSurroundings(one: ListenerDocument, other: ListenerDocument): boolean | null {
  if (one.service !== null && other.service !== null)
    return (
      one.service.environment.id === other.service.environment.id && one.service.name === other.service.name
    );
  // Docker has one proxy for each family of a published port; the addresses inside differ, the port does not.
  if (one.container !== null && other.container !== null) {
    if (one.container.id !== null && other.container.id !== null)
      return one.container.id === other.container.id;
    return one.container.target !== null && one.container.target.port === other.container.target?.port;
  }
  if (one.unit !== null && other.unit !== null)
    return one.unit.name === other.unit.name && one.unit.manager === other.unit.manager;
  return one.service === other.service && one.container === other.container && one.unit === other.unit
    ? null
    : false;
}
