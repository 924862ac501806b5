/**
 * Who of several checkouts of one project has its plain name. Pure choice, apart from reading which worktree a path is; it must not
 * know how names are served.
 */

import { basename } from 'node:path';
import type { EnvironmentRef } from '../core/status.ts';
import { slug, worktreeName } from './identify.ts';

export interface Named {
  readonly ref: EnvironmentRef;
  readonly project: string;
}

export interface Renaming {
  readonly id: string;
  readonly name: string;
}

/** The plain name goes to `chosen`; whoever had it gets the name of its worktree or folder. Empty: it has it already. */
export function renamings(chosen: Named, all: readonly Named[]): readonly Renaming[] {
  const plain = chosen.project;
  if (chosen.ref.name === plain) return [];
  const first: Renaming = { id: chosen.ref.id, name: plain };
  const holder = all.find(({ ref }) => ref.name === plain);
  if (holder === undefined) return [first];
  const others = all.filter(({ ref }) => ref.id !== holder.ref.id && ref.id !== chosen.ref.id);
  const taken = new Set([plain, ...others.map(({ ref }) => ref.name)]);
  return [first, { id: holder.ref.id, name: ownName(holder, taken) }];
}

/** The name of a checkout that may not have the plain one: its worktree's or folder's, with a number where that is taken too. */
export function ownName({ ref, project }: Named, taken: ReadonlySet<string>): string {
  const folder = worktreeName(ref.path) ?? slug(basename(ref.path));
  for (let name = `${folder}.${project}`, count = 2; ; name = `${folder}-${count}.${project}`, count += 1)
    if (!taken.has(name)) return name;
}

/** By id, by name, or by the folder's name where only one has it. */
export function chooseByWord(word: string, all: readonly Named[]): Named | undefined {
  const exact = all.find(({ ref }) => ref.id === word) ?? all.find(({ ref }) => ref.name === word);
  if (exact !== undefined) return exact;
  const byFolder = all.filter(({ ref }) => basename(ref.path) === word || ref.name.split('.')[0] === word);
  return byFolder.length === 1 ? byFolder[0] : undefined;
}
