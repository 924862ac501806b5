/** The document of a process that owns a listener. Pure; it must not know sockets. */

import type { OwnerDocument, ParentDocument } from '../core/inspection.ts';
import type { ProcessDescription } from '../platform/facts.ts';
import { originOf } from './ports/origin.ts';
import { programName, whatRuns } from './ports/program.ts';

interface Known {
  readonly ancestors: readonly ProcessDescription[];
  readonly homeDirectory: string;
  readonly document: OwnerDocument;
}

/** It says something of the ancestors too, so it holds as long as those are the same. */
const known = new WeakMap<ProcessDescription, Known>();

/** `ancestors`: nearest first. */
export function ownerDocument(
  process: ProcessDescription,
  ancestors: readonly ProcessDescription[],
  homeDirectory: string,
): OwnerDocument {
  const before = known.get(process);
  if (before?.homeDirectory === homeDirectory && areSame(before.ancestors, ancestors)) return before.document;
  const document = make(process, ancestors, homeDirectory);
  known.set(process, { ancestors, homeDirectory, document });
  return document;
}

function make(
  process: ProcessDescription,
  ancestors: readonly ProcessDescription[],
  homeDirectory: string,
): OwnerDocument {
  return {
    pid: process.pid,
    user: process.user,
    name: programName(process),
    command: process.command,
    cwd: process.cwd,
    started: process.startedAt === null ? null : new Date(process.startedAt).toISOString(),
    parents: ancestors.map((one): ParentDocument => ({ pid: one.pid, name: whatRuns(one) })),
    origin: originOf(process, ancestors, homeDirectory),
    stale: process.executableDeleted,
  };
}

function areSame(before: readonly ProcessDescription[], now: readonly ProcessDescription[]): boolean {
  return before.length === now.length && before.every((one, index) => one === now[index]);
}
