/**
 * How root runs a program that refuses to run as root (PostgreSQL does): which command goes in front. Pure; it must not know how the
 * machine is asked, nor which program it is.
 */

import { LoopyardError } from './errors.ts';

/**
 * `unshare`: a user namespace in which root has another number. Outside, the files stay root's and the process has no capability at
 * all. `setpriv`: really another user, who keeps the one capability needed to reach the state directory (0700, root's); for
 * containers that forbid namespaces. Both `exec`: the process keeps its pid, session, signals and marks.
 */
export type OtherUserWay = 'unshare' | 'setpriv';

/** In the order to try: the first whose probe ends with 0 is taken. */
export const OTHER_USER_WAYS: readonly OtherUserWay[] = ['unshare', 'setpriv'];

export interface OtherUser {
  readonly uid: number;
  readonly gid: number;
}

export interface OtherUserFacts {
  readonly service: string;
  /** The program that refuses, for the error. */
  readonly program: string;
  /** null: no probe ended with 0. */
  readonly way: OtherUserWay | null;
  readonly user: OtherUser;
  /** Absolute; what lies in it is handed to whom the program will believe to be. */
  readonly dataDir: string;
}

/** The argv that runs `argv` as another user. Errors: USER_SWITCH_UNAVAILABLE. */
export function asOtherUser(argv: readonly string[], facts: OtherUserFacts): readonly string[] {
  const { service, program, way, user, dataDir } = facts;
  if (way === null) throw new LoopyardError('USER_SWITCH_UNAVAILABLE', { service, program, fix: FIX });
  // In its namespace the program's own number stands for root's, so that is who must own its files.
  const owner = way === 'unshare' ? { uid: 0, gid: 0 } : user;
  return [
    'sh',
    '-c',
    OWN,
    'sh',
    dataDir,
    String(owner.uid),
    String(owner.gid),
    ...prefix(way, user),
    ...argv,
  ];
}

/** Ends with 0 where the way works; run it once, its output does not matter. */
export function otherUserProbe(way: OtherUserWay, user: OtherUser): readonly string[] {
  return [...prefix(way, user), 'true'];
}

/**
 * Whom to become, from the text of /etc/passwd: the first of `preferred` that exists, else `nobody`. It has to be someone who is listed
 * there: initdb looks its own name up.
 */
export function findOtherUser(passwd: string, preferred: readonly string[]): OtherUser {
  const lines = passwd.split('\n').map((line) => line.split(':'));
  for (const wanted of [...preferred, 'nobody']) {
    const [, , uid, gid] = lines.find(([name]) => name === wanted) ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return NOBODY;
}

const NOBODY: OtherUser = { uid: 65534, gid: 65534 };
/** Data that the other way made have the other owner, and PostgreSQL refuses data that are not its user's. */
const OWN = 'find "$1" ! -user "$2" -exec chown -h "$2:$3" {} + || exit 1; shift 3; exec "$@"';
const FIX =
  'run `lo` as an ordinary user; or give root one of `unshare --user --map-user` (util-linux 2.36, user namespaces allowed) and `setpriv` (util-linux, CAP_SETUID)';

function prefix(way: OtherUserWay, { uid, gid }: OtherUser): readonly string[] {
  switch (way) {
    case 'unshare':
      return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
    case 'setpriv': {
      const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
      return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...keep, '--'];
    }
    default:
      return way satisfies never;
  }
}
