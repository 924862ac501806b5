/** User namespaces, which isolation without root stands on: one is really made. */

import type { NamespaceReasons } from '../../../platform/health.ts';
import { type Check, installing, ok, unknown, warn } from '../check.ts';

export const userNamespaces: Check = {
  id: 'user-namespaces',
  title: 'User namespaces',
  group: 'machine',
  async examine({ health }) {
    const trial = await health.tryUserNamespace();
    if (trial.works === true) return ok('this user can make one');
    if (trial.works === null) {
      const isMissing = trial.why.includes('unshare (util-linux)');
      return unknown(trial.why, isMissing ? installing(health.surroundings().family, 'util-linux') : null);
    }
    const { why, fix } = refusal(trial.reasons, health.surroundings().container);
    return warn(
      `this user cannot make one (${trial.words}): ${why}. Services that must be isolated without root cannot be`,
      fix,
    );
  },
};

function refusal(
  { apparmor, clone, most }: NamespaceReasons,
  container: string | null,
): { readonly why: string; readonly fix: string | null } {
  const set = (name: string, value: number): string => `sudo sysctl -w ${name}=${value}`;
  if (most === 0)
    return { why: 'user.max_user_namespaces is 0', fix: set('user.max_user_namespaces', 15_000) };
  if (clone === 0) {
    return {
      why: 'kernel.unprivileged_userns_clone is 0',
      fix: set('kernel.unprivileged_userns_clone', 1),
    };
  }
  if (apparmor === 1) {
    return {
      why: 'AppArmor forbids it (kernel.apparmor_restrict_unprivileged_userns)',
      fix: set('kernel.apparmor_restrict_unprivileged_userns', 0),
    };
  }
  if (container !== null)
    return { why: `the rules of this container (${container}) probably forbid it`, fix: null };
  return { why: 'no setting explains it', fix: null };
}
