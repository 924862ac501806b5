/**
 * How root runs a program that refuses root, on this machine: the ways of `core/other-user.ts`, tried once. It must not know
 * recipes.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  asOtherUser,
  findOtherUser,
  OTHER_USER_WAYS,
  type OtherUser,
  type OtherUserWay,
  otherUserProbe,
} from '../core/other-user.ts';

export interface RefusingProgram {
  readonly service: string;
  readonly program: string;
  readonly dataDir: string;
  /** User names to become, the first that exists. */
  readonly preferred: readonly string[];
}

let tried: { readonly way: OtherUserWay | null } | null = null;

/** Errors: USER_SWITCH_UNAVAILABLE. */
export function asOtherUserHere(argv: readonly string[], refusing: RefusingProgram): readonly string[] {
  const user = findOtherUser(readFileSync('/etc/passwd', 'utf8'), refusing.preferred);
  tried ??= { way: OTHER_USER_WAYS.find((way) => works(way, user)) ?? null };
  const { service, program, dataDir } = refusing;
  return asOtherUser(argv, { service, program, dataDir, way: tried.way, user });
}

function works(way: OtherUserWay, user: OtherUser): boolean {
  const [program = '', ...rest] = otherUserProbe(way, user);
  return spawnSync(program, rest, { stdio: 'ignore' }).status === 0;
}
