/** The state directory and that of the sockets: there, ours, and closed to others. */

import type { PathThere } from '../../../platform/health.ts';
import {
  type Check,
  type DoctorFacts,
  type Finding,
  fail,
  quoted,
  together,
  unknown,
  warn,
} from '../check.ts';

export const state: Check = {
  id: 'state',
  title: 'State directory',
  group: 'state',
  async examine(facts) {
    const { home, runtime } = facts.own.place();
    const there = await facts.health.path(home);
    if ('code' in there) return await notThere(facts, home, there.code);
    const problems = [...problemsOf(home, there, facts)];
    if (runtime !== home) {
      const sockets = await facts.health.path(runtime);
      // Without a daemon there is none, and nothing is wrong.
      if (!('code' in sockets)) problems.push(...problemsOf(runtime, sockets, facts));
      else if (sockets.code !== 'ENOENT') problems.push(unknown(`${runtime}: ${sockets.code}`));
    }
    return together(problems, `${home} is this user's alone and can be written`);
  },
};

/** It is made on first use: the nearest directory above decides whether it can be. */
async function notThere(facts: DoctorFacts, home: string, code: string): Promise<Finding> {
  if (code !== 'ENOENT') return fail(`${home} cannot be looked at (${code})`, ELSEWHERE);
  for (let above = parentOf(home); ; above = parentOf(above)) {
    const found = await facts.health.path(above);
    if ('code' in found) {
      if (found.code === 'ENOENT' && above !== '/') continue;
      return fail(`${home} cannot be made: ${above} (${found.code})`, ELSEWHERE);
    }
    if (found.kind !== 'directory')
      return fail(`${home} cannot be made: ${above} is no directory`, ELSEWHERE);
    if (found.writable) return { verdict: 'ok', text: `${home} is made on first use`, fix: null };
    return fail(`${home} cannot be made: ${above} cannot be written by this user`, ELSEWHERE);
  }
}

const ELSEWHERE = 'export LOOPYARD_HOME="$(mktemp -d)"  # or any directory that you can write';

function problemsOf(path: string, found: PathThere, { health }: DoctorFacts): readonly Finding[] {
  const { uid } = health.program();
  if (found.kind !== 'directory') return [fail(`${path} is no directory`, ELSEWHERE)];
  if (uid !== null && found.uid !== uid)
    return [fail(`${path} belongs to user ${found.uid}, and this is user ${uid}`, ELSEWHERE)];
  if (!found.writable || !found.readable) {
    const fix = `chmod u+rwx ${quoted(path)}  # a file system that is mounted read-only needs another place: LOOPYARD_HOME`;
    return [fail(`${path} cannot be ${found.readable ? 'written' : 'read'} by this user`, fix)];
  }
  if ((found.mode & 0o077) === 0) return [];
  const mode = found.mode.toString(8).padStart(4, '0');
  return [warn(`${path} is open to others (mode ${mode})`, `chmod 700 ${quoted(path)}`)];
}

function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}
