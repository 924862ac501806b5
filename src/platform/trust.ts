/**
 * Where this system keeps whom it trusts, as steps that add a certificate or take it away. Planning looks and changes nothing; only
 * `carryOut` acts. It must not know where the certificate comes from.
 */

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { reasonOf } from '../core/errors.ts';
import type { TrustStep } from '../core/trust.ts';

export interface TrustWish {
  /** PEM file; on `remove` it may be gone. */
  readonly certificate: string;
  /** Names the entry in every store: an older certificate under it is replaced. `[a-z0-9-]+` */
  readonly label: string;
  readonly remove: boolean;
  /** Of the person. */
  readonly home: string | null;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Databases that an earlier wish made, which go when nothing else is in them. */
  readonly made: readonly string[];
}

export interface TrustAnchors {
  plan(wish: TrustWish): Promise<readonly TrustStep[]>;
  /** Databases that do not exist and that the steps would make. */
  makes(wish: TrustWish): readonly string[];
}

/** A password may have to be typed. */
const LONGEST_MS = 300_000;

/** Null: done; else what the first failing command said. Its input is ours, so that `sudo` can ask. */
export async function carryOut(acts: TrustStep['acts']): Promise<string | null> {
  for (const argv of acts) {
    const failure = await run(argv);
    if (failure !== null) return `\`${commandText(argv)}\`: ${failure}`;
  }
  return null;
}

/** As it can be pasted into a shell. */
export function commandText(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

export function programOn(variables: TrustWish['variables'], program: string): string | null {
  const directories = [...(variables.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const directory of directories) {
    const path = join(directory, program);
    try {
      accessSync(path, constants.X_OK);
      if (directory !== '') return path;
    } catch {
      // Not there, or not for us.
    }
  }
  return null;
}

export const step = {
  done: (kind: TrustStep['kind'], name: string, path: string): TrustStep => ({
    ...{ kind, name, path, state: 'done', why: null, fix: null, acts: [] },
  }),
  todo: (kind: TrustStep['kind'], name: string, path: string, acts: TrustStep['acts']): TrustStep => ({
    ...{ kind, name, path, state: 'todo', why: null, fix: null, acts },
  }),
  impossible: (
    kind: TrustStep['kind'],
    name: string,
    path: string,
    reason: { readonly why: string; readonly fix: string },
  ): TrustStep => ({ kind, name, path, state: 'impossible', ...reason, acts: [] }),
};

function run([program = '', ...args]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'pipe'], timeout: LONGEST_MS });
    let said = '';
    const hear = (text: string): void => {
      said = (said + text).slice(-2000);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.on('error', (error) => resolve(reasonOf(error)));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? null : said.trim().split('\n').at(-1) || `ended with ${code ?? signal}`),
    );
  });
}
