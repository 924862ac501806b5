/** Tries on Linux what services and later features stand on: sessions through `sh`, user namespaces. */

import { readFileSync } from 'node:fs';
import { runProgram } from '../children.ts';
import type { NamespaceReasons, NamespaceTrial, Trial } from '../health.ts';

const WITHIN_MS = 3000;
/** Any that a shell does not give by itself. */
const CODE = 7;

/** The way in which a waiter starts a program: `sh`, then `setsid`, then the program, whose code must come back. */
export async function tryShell(): Promise<Trial> {
  const script = `setsid sh -c 'test "$(cut -d" " -f6 /proc/$$/stat)" = "$$" && exit ${CODE}'; exit $?`;
  const { code, stderr, failure } = await runProgram('sh', ['-c', script], { withinMs: WITHIN_MS });
  if (code === CODE) return { works: true };
  return { works: false, code: failure ?? firstLine(stderr) ?? `it ended with ${code}` };
}

/** Source: user_namespaces(7), unshare(1). */
export async function tryUserNamespace(): Promise<NamespaceTrial> {
  const { code, stderr, failure } = await runProgram('unshare', ['-Ur', 'true'], { withinMs: WITHIN_MS });
  if (failure === 'ENOENT') return { works: null, why: 'the program unshare (util-linux) is not there' };
  if (failure !== null) return { works: null, why: `unshare -Ur true: ${failure}` };
  if (code === 0) return { works: true };
  return { works: false, words: firstLine(stderr) ?? `it ended with ${code}`, reasons: reasons() };
}

function reasons(): NamespaceReasons {
  return {
    clone: setting('kernel/unprivileged_userns_clone'),
    apparmor: setting('kernel/apparmor_restrict_unprivileged_userns'),
    most: setting('user/max_user_namespaces'),
  };
}

function setting(name: string): number | null {
  try {
    const text = readFileSync(`/proc/sys/${name}`, 'latin1').trim();
    return /^\d+$/.test(text) ? Number(text) : null;
  } catch {
    // A kernel or distribution without this setting.
    return null;
  }
}

function firstLine(text: string): string | undefined {
  const [first] = text.trim().split('\n');
  return first === '' ? undefined : first;
}
