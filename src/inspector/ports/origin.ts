/**
 * Where a process comes from, in words: "started by npm in ~/shop, from VS Code". Made of the chain of its parents and of its control
 * group, so it says what is, not what was: a parent that has ended is not named. Pure.
 */

import type { ProcessDescription } from '../../platform/facts.ts';
import { type Launcher, launcherOf } from './launchers.ts';
import { programName, whatRuns } from './program.ts';
import { unitOf, unitPart } from './unit.ts';

/** A sentence with more than two places is read by nobody. */
const MOST_PLACES = 2;

export function originOf(
  process: ProcessDescription,
  ancestors: readonly ProcessDescription[],
  homeDirectory: string,
): string {
  const chain = withoutOwnKind(process, ancestors).map((one) => ({
    process: one,
    launcher: launcherOf(one),
  }));
  const [starter, ...above] = chain.filter(({ process, launcher }) => !isTransparent(process, launcher));
  const where = process.cwd === null ? '' : ` in ${tilde(process.cwd, homeDirectory)}`;
  const sudo = chain.some(({ process }) => /^(?:sudo|doas)$/.test(process.name)) ? ', with sudo' : '';
  const first = starterWords(process, starter, chain.length > 0);
  const from = startsByItself(starter) ? [] : placesOf(above).filter((phrase) => !first.endsWith(phrase));
  const scope = starter?.launcher?.kind === 'init' ? scopePhrase(process) : null;
  const through = [...from, ...(scope === null ? [] : [scope])].slice(0, MOST_PLACES);
  return `${first}${where}${sudo}${through.map((phrase) => `, ${phrase}`).join('')}`;
}

interface Link {
  readonly process: ProcessDescription;
  readonly launcher: Launcher | null;
}

/** A worker's master, a child of a fork: the same program above says nothing of where it came from. */
function withoutOwnKind(
  process: ProcessDescription,
  ancestors: readonly ProcessDescription[],
): readonly ProcessDescription[] {
  const own = `${programName(process)} ${whatRuns(process)}`;
  const first = ancestors.findIndex((one) => `${programName(one)} ${whatRuns(one)}` !== own);
  return first < 0 ? [] : ancestors.slice(first);
}

/** `sh -c` of a package script and `sudo` only pass a command on; a shell without a command is where somebody typed. */
function isTransparent({ command }: ProcessDescription, launcher: Launcher | null): boolean {
  if (launcher?.kind === 'wrapper') return true;
  return launcher?.kind === 'shell' && command.slice(1).some((word) => /^-\w*c$/.test(word));
}

function starterWords(process: ProcessDescription, starter: Link | undefined, hasParents: boolean): string {
  if (starter === undefined) return nobody(process, hasParents);
  const { launcher } = starter;
  const kind = launcher?.kind;
  if (launcher === null || kind === 'shell') return byProgram(process, starter.process);
  if (kind === 'container') return `started ${containerWords(launcher)}`;
  if (kind !== 'init') return `started ${kind === 'manager' ? `by ${launcher.text}` : launcher.phrase}`;
  const unit = unitOf([process]);
  if (unit !== null) return `started by systemd (${unit.name})`;
  return 'on its own, since what started it has ended,';
}

function nobody(process: ProcessDescription, hasParents: boolean): string {
  if (process.pid === 1) return 'the first process';
  return process.parent > 0 && !hasParents
    ? 'started by a process that is not seen from here'
    : 'started from outside of what is seen here';
}

function byProgram(process: ProcessDescription, starter: ProcessDescription): string {
  const name = starter.command.length === 0 ? starter.name : whatRuns(starter);
  // Whatever stands first also inherits those whose parent has ended.
  if (starter.pid === 1) return `under ${name}, the first process,`;
  return `started by ${name === '' ? `pid ${process.parent}` : name}`;
}

function containerWords({ text }: Launcher): string {
  return `in a container (${text})`;
}

/** What a manager or a container starts has nothing to do with who started those. */
function startsByItself(link: Link | undefined): boolean {
  return link?.launcher?.kind === 'manager' || link?.launcher?.kind === 'container';
}

function placesOf(above: readonly Link[]): readonly string[] {
  const phrases: string[] = [];
  for (const link of above) {
    const phrase = phraseOf(link.launcher);
    if (phrase !== null && !phrases.includes(phrase)) phrases.push(phrase);
    if (startsByItself(link)) break;
  }
  return phrases;
}

function phraseOf(launcher: Launcher | null): string | null {
  if (launcher?.kind === 'container') return containerWords(launcher);
  if (launcher?.kind === 'manager') return `under ${launcher.text}`;
  return launcher?.kind === 'place' ? launcher.phrase : null;
}

/** The desktop and tmux put what they start into scopes, and those keep the name when the parent is gone (systemd.scope(5)). */
function scopePhrase({ cgroup }: ProcessDescription): string | null {
  const scope = unitPart(cgroup, '.scope');
  if (scope === null) return null;
  if (scope.startsWith('tmux-spawn-')) return 'in tmux';
  if (scope.startsWith('vte-spawn-')) return 'from a terminal';
  if (/^session-\w+\.scope$/.test(scope)) return 'from a login that may have ended';
  const app = /^app-(?:gnome-|kde-|org\.gnome\.|org\.kde\.)?(.+?)(?:@\w+|-\d+)\.scope$/.exec(scope)?.[1];
  return app === undefined ? null : `from ${app.replaceAll('\\x2d', '-')}`;
}

function tilde(path: string, homeDirectory: string): string {
  return homeDirectory !== '/' && (path === homeDirectory || path.startsWith(`${homeDirectory}/`))
    ? `~${path.slice(homeDirectory.length)}`
    : path;
}
