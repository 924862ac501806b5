/**
 * What completion scripts ask for behind `lo link` and `lo fault`: links, kinds of faults with their settings, faults in force. A
 * daemon that runs is asked; without one the text of the config tells which links there will be. It must not start a daemon.
 */

import { resolve } from 'node:path';
import type { FaultKind } from '../core/fault.ts';
import type { LinkDocument } from '../core/link-list.ts';
import { GLOBAL_OPTIONS, type OptionPage } from '../generate/command-page.ts';
import type { Command } from './command.ts';
import type { World } from './world.ts';

type Asking = Pick<World, 'directory' | 'connect'>;

interface Typed {
  /** Before the word that is being typed, behind the command's own name. */
  readonly words: readonly string[];
  /** What `-f` says. */
  readonly file: string | undefined;
}

/** `words`: those behind `lo`, the last one is being typed. Whole words, of which the shell takes those that fit. */
export async function linkCompletions(
  world: Asking,
  name: string,
  { options, positionals }: Pick<Command, 'options' | 'positionals'>,
  words: readonly string[],
): Promise<readonly string[]> {
  const typed = takeApart(words, name, [...options, ...GLOBAL_OPTIONS]);
  const [action, link, kind, ...settings] = typed.words;
  if (action === undefined) return positionals.flatMap(({ complete }) => (isList(complete) ? complete : []));
  switch (`${name} ${action} ${typed.words.length}`) {
    case 'fault add 1':
      return await linkNames(world, typed.file);
    case 'fault rm 1':
    case 'fault clear 1':
      return namesOf((await askedLinks(world, typed.file)) ?? [], ({ faults }) => faults.length > 0);
    case 'fault rm 2':
      return await faultNames(world, typed.file, link ?? '');
    case 'link rm 1':
      return namesOf((await askedLinks(world, typed.file)) ?? [], ({ environment }) => environment === null);
    default:
      return name === 'fault' && action === 'add' ? faultWords(await faultKinds(), kind, settings) : [];
  }
}

function isList(complete: string | readonly string[]): complete is readonly string[] {
  return typeof complete !== 'string';
}

function takeApart(words: readonly string[], name: string, options: readonly OptionPage[]): Typed {
  const valued = new Set(
    options
      .filter(({ value }) => value !== undefined)
      .flatMap((option) => [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])]),
  );
  const before = words.slice(0, -1);
  const plain = before.filter((word, index) => !word.startsWith('-') && !valued.has(before[index - 1] ?? ''));
  const at = plain.indexOf(name);
  const file = before.findLastIndex((word) => word === '-f' || word === '--file');
  return {
    words: plain.slice(at + 1),
    file: file < 0 ? undefined : before[file + 1],
  };
}

/** The kinds; behind one of them its settings that are not there yet. */
function faultWords(
  kinds: readonly FaultKind[],
  typed: string | undefined,
  given: readonly string[],
): readonly string[] {
  if (typed === undefined) return kinds.flatMap(kindWords);
  const kind = kinds.find(({ name }) => name === typed.replace(/=.*/, ''));
  const known = new Set(given.map((word) => word.replace(/=.*/, '')));
  if (typed.includes('=') && kind?.main != null) known.add(kind.main);
  return (kind?.settings ?? [])
    .filter(({ name }) => !known.has(name))
    .flatMap(({ name, choices }) => [`${name}=`, ...(choices ?? []).map((choice) => `${name}=${choice}`)]);
}

/** Some work without a value, some with one. */
function kindWords({ name, main, settings }: FaultKind): readonly string[] {
  const value = settings.find((setting) => setting.name === main);
  if (value === undefined) return [name];
  return value.fallback === undefined ? [`${name}=`] : [name, `${name}=`];
}

/** Part of the shipped command, and loaded for this alone. */
async function faultKinds(): Promise<readonly FaultKind[]> {
  return (await import('../daemon/local.ts')).FAULTS;
}

async function faultNames(world: Asking, file: string | undefined, link: string): Promise<readonly string[]> {
  const links = (await askedLinks(world, file)) ?? [];
  return links.find(({ name }) => name === link)?.faults.map(({ name }) => name) ?? [];
}

async function linkNames(world: Asking, file: string | undefined): Promise<readonly string[]> {
  const asked = await askedLinks(world, file);
  const known = asked === null ? [] : namesOf(asked, () => true);
  // With the parser of YAML, which the other answers have no use for.
  const { configuredLinks } = await import('./complete.ts');
  return [...new Set([...known, ...(await configuredLinks(world, file))])];
}

function namesOf(
  links: readonly LinkDocument[],
  isMeant: (link: LinkDocument) => boolean,
): readonly string[] {
  return links.filter(isMeant).map(({ name }) => name);
}

/** Null: nobody answers. */
async function askedLinks(world: Asking, file: string | undefined): Promise<readonly LinkDocument[] | null> {
  try {
    const workbench = await world.connect({ autostart: false });
    const target = file === undefined ? {} : { file: resolve(world.directory, file) };
    return (await workbench?.links({ directory: world.directory, ...target }))?.links ?? null;
  } catch {
    // A completion must not print errors between the words.
    return null;
  }
}
