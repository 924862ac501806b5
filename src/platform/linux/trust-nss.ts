/**
 * The databases of Chromium and Firefox, through `certutil` of NSS: neither browser reads the system's store for roots. It must not
 * change any.
 */

import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TrustStep } from '../../core/trust.ts';
import { runProgram } from '../children.ts';
import { programOn, step, type TrustWish } from '../trust.ts';

const CERTUTIL_MS = 10_000;
const MISSING = {
  why: 'the program certutil is not installed',
  fix: 'install it (Debian: libnss3-tools, Fedora: nss-tools, Arch: nss), then repeat the command',
};
const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'brave-browser'];

interface Database {
  readonly name: string;
  readonly path: string;
}

export async function nssSteps(wish: TrustWish): Promise<readonly TrustStep[]> {
  const there = databases(wish);
  const made = wish.remove ? [] : newDatabases(wish).map((path) => ({ name: 'Chromium', path }));
  const all = [...there, ...made];
  if (programOn(wish.variables, 'certutil') === null)
    return all.map(({ name, path }) => step.impossible('nss', name, path, MISSING));
  return await Promise.all([
    ...there.map((one) => (wish.remove ? removal(wish, one) : addition(wish, one))),
    ...made.map(({ name, path }) =>
      step.todo('nss', name, path, [
        ['mkdir', '-p', '-m', '0700', path],
        [...certutil(path, '-N'), '--empty-password'],
        add(wish, path),
      ]),
    ),
  ]);
}

/** Chromium reads both places, the older where it exists. One that never ran has none, and would not look for ours later. */
export function newDatabases(wish: TrustWish): readonly string[] {
  if (wish.home === null || !CHROMIUMS.some((program) => programOn(wish.variables, program) !== null))
    return [];
  return places(wish.home, wish.variables).filter((path) => !existsSync(join(path, 'cert9.db')));
}

async function addition(wish: TrustWish, { name, path }: Database): Promise<TrustStep> {
  const held = await entries(path);
  if ('why' in held) return step.impossible('nss', name, path, unreadable(held.why));
  const flags = held.flags.get(wish.label);
  if (flags?.startsWith('C') && (await isSame(wish, path))) return step.done('nss', name, path);
  const before = flags === undefined ? [] : [drop(wish, path)];
  return step.todo('nss', name, path, [...before, add(wish, path)]);
}

async function removal(wish: TrustWish, { name, path }: Database): Promise<TrustStep> {
  const held = await entries(path);
  if ('why' in held) return step.impossible('nss', name, path, unreadable(held.why));
  if (!held.flags.has(wish.label)) return step.done('nss', name, path);
  const keys = await runProgram('certutil', ['-K', '-d', `sql:${path}`], { withinMs: CERTUTIL_MS });
  const isOurs = wish.made.includes(path) && held.flags.size === 1 && !/^<\s*0>/m.test(keys.stdout);
  if (!isOurs) return step.todo('nss', name, path, [drop(wish, path)]);
  return step.todo('nss', name, path, [
    ['rm', '-r', path],
    ['rmdir', '--ignore-fail-on-non-empty', dirname(path)],
  ]);
}

function unreadable(why: string): { readonly why: string; readonly fix: string } {
  return { why: `it cannot be read: ${why}`, fix: 'close the browser and repeat the command' };
}

function certutil(path: string, act: string): readonly string[] {
  return ['certutil', act, '-d', `sql:${path}`];
}

/** `C,,`: may vouch for web servers, and for nothing else. */
function add({ label, certificate }: TrustWish, path: string): readonly string[] {
  return [...certutil(path, '-A'), '-t', 'C,,', '-n', label, '-i', certificate];
}

function drop({ label }: TrustWish, path: string): readonly string[] {
  return [...certutil(path, '-D'), '-n', label];
}

/** Nickname -> trust flags. */
async function entries(
  path: string,
): Promise<{ readonly flags: ReadonlyMap<string, string> } | { readonly why: string }> {
  const listed = await runProgram('certutil', ['-L', '-d', `sql:${path}`], { withinMs: CERTUTIL_MS });
  if (listed.code !== 0) return { why: listed.failure ?? listed.stderr.trim() };
  const lines = listed.stdout.matchAll(/^(.+?)\s+([pPcCTuw]*,[pPcCTuw]*,[pPcCTuw]*)\s*$/gm);
  return { flags: new Map([...lines].map(([, name = '', flags = '']) => [name, flags])) };
}

async function isSame({ label, certificate }: TrustWish, path: string): Promise<boolean> {
  const args = ['-L', '-d', `sql:${path}`, '-n', label, '-a'];
  const { stdout } = await runProgram('certutil', args, { withinMs: CERTUTIL_MS });
  try {
    return new X509Certificate(stdout).raw.equals(new X509Certificate(readFileSync(certificate)).raw);
  } catch {
    // One of the two is no certificate: it is put in anew.
    return false;
  }
}

function databases({ home, variables }: TrustWish): readonly Database[] {
  if (home === null) return [];
  const chromium = [...places(home, variables), join(home, 'snap/chromium/current/.pki/nssdb')];
  const profiles = [
    join(home, '.mozilla/firefox'),
    join(home, '.config/mozilla/firefox'),
    join(home, 'snap/firefox/common/.mozilla/firefox'),
    join(home, '.var/app/org.mozilla.firefox/.mozilla/firefox'),
  ].flatMap((directory) => list(directory).map((name) => join(directory, name)));
  return [
    ...chromium.map((path) => ({ name: 'Chromium', path })),
    ...profiles.map((path) => ({ name: 'Firefox', path })),
  ].filter(({ path }) => existsSync(join(path, 'cert9.db')));
}

/** The second since M146. */
function places(home: string, { XDG_DATA_HOME }: TrustWish['variables']): readonly string[] {
  const data =
    XDG_DATA_HOME === undefined || XDG_DATA_HOME === '' ? join(home, '.local/share') : XDG_DATA_HOME;
  return [join(home, '.pki/nssdb'), join(data, 'pki/nssdb')];
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not there, or not for us.
    return [];
  }
}
