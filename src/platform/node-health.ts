/** The verbs of `Health` that Node answers alike on every system. */

import { constants, type Stats, watch } from 'node:fs';
import { access, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { hostname, release, uptime, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { runProgram } from './children.ts';
import type { FileTrial, Health, LookupAnswer, PathFacts, SpaceFacts, Trial } from './health.ts';
import { tryLoop } from './try-loop.ts';

/** The C library asks a second time after 5 s: what has not come by then will take far longer. */
const LOOKUP_MS = 4000;
/** A block is 4 KiB nearly everywhere; where it is more, a hole of this size is still whole blocks. */
const TRIAL_BYTES = 256 * 1024;

type Common = Pick<Health, 'tryLoop' | 'tryWatch' | 'lookup' | 'path' | 'space'>;

export const nodeHealth: Common = {
  tryLoop,
  tryWatch,
  lookup,
  path: pathFacts,
  space,
};

/** Name of the user that runs this program; null where the number has none. */
export function ownName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // A container's user without a line in /etc/passwd.
    return null;
  }
}

export function hostName(): string {
  return hostname();
}

export function kernelRelease(): string {
  return release();
}

export function uptimeMs(): number {
  return Math.round(uptime() * 1000);
}

/** Of the root directory: it is there, can be read, and nothing is written. */
function tryWatch(): Promise<Trial> {
  return new Promise((resolve) => {
    try {
      const watcher = watch('/', () => undefined);
      watcher.on('error', (error) => resolve({ works: false, code: codeOf(error) }));
      // What the system refuses it refuses at once.
      setImmediate(() => {
        watcher.close();
        resolve({ works: true });
      });
    } catch (error) {
      resolve({ works: false, code: codeOf(error) });
    }
  });
}

const ASK =
  'require("dns").lookup(process.argv[1],{all:true,verbatim:true},(e,a)=>process.stdout.write(JSON.stringify(e?{code:e.code}:{addresses:a.map(b=>b.address)})))';

/**
 * In a program of its own: a resolver that does not answer blocks a thread that nobody can end, and a process that wants to exit
 * waits for it, ten seconds and more.
 */
async function lookup(name: string): Promise<LookupAnswer> {
  const { stdout, stderr, failure } = await runProgram(process.execPath, ['-e', ASK, name], {
    withinMs: LOOKUP_MS,
  });
  if (failure === 'ETIMEDOUT') return { silentMs: LOOKUP_MS };
  try {
    return JSON.parse(stdout) as LookupAnswer;
  } catch {
    // It did not come to an answer: what it said instead is the reason.
    return { code: failure ?? (stderr.trim().split('\n').at(-1) || 'it ended without an answer') };
  }
}

async function pathFacts(path: string): Promise<PathFacts> {
  try {
    const facts = await stat(path);
    return {
      kind: kindOf(facts),
      mode: facts.mode & 0o7777,
      uid: facts.uid,
      bytes: facts.size,
      readable: await may(path, constants.R_OK),
      writable: await may(path, constants.W_OK),
    };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

function kindOf(facts: Stats): 'directory' | 'file' | 'socket' | 'other' {
  if (facts.isDirectory()) return 'directory';
  if (facts.isFile()) return 'file';
  return facts.isSocket() ? 'socket' : 'other';
}

/** The system's own answer: a file system that is mounted read-only refuses root too. */
async function may(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}

/** Source: statfs(2). */
const KINDS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  16914836: 'tmpfs',
  2435016766: 'btrfs',
  1481003842: 'xfs',
  26985: 'nfs',
  1702057286: 'fuse',
  2035054128: 'overlay',
  16914839: '9p',
  801189825: 'zfs',
  4076150800: 'f2fs',
};

async function space(path: string): Promise<SpaceFacts> {
  try {
    const { bavail, blocks, bsize, files, ffree, type } = await statfs(path);
    return {
      freeBytes: bavail * bsize,
      totalBytes: blocks * bsize,
      freeFiles: files === 0 ? null : ffree,
      kind: KINDS[type] ?? String(type),
    };
  } catch (error) {
    const parent = dirname(path);
    return codeOf(error) === 'ENOENT' && parent !== path ? await space(parent) : { code: codeOf(error) };
  }
}

/** `punch`: frees a range of a file; false where the file system cannot. */
export async function tryFile(
  directory: string,
  punch: (file: string, from: number, to: number) => Promise<boolean>,
): Promise<FileTrial> {
  let own: string | null = null;
  try {
    own = await mkdtemp(join(directory, '.doctor-'));
    const file = join(own, 'trial');
    await writeFile(file, Buffer.alloc(TRIAL_BYTES, 1), { mode: 0o600 });
    const holes = await punch(file, 0, TRIAL_BYTES / 2);
    // A file system may say yes and keep the bytes: then a log that is cut at its head would not become smaller.
    return { written: true, holes: holes && (await stat(file)).blocks * 512 < TRIAL_BYTES };
  } catch (error) {
    return { written: false, code: codeOf(error) };
  } finally {
    if (own !== null) await rm(own, { recursive: true, force: true });
  }
}

export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
