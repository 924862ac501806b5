/** Clock and boot: records of runs stand on the one, certificates on the other. */

import { type Check, together, warn } from '../check.ts';

/** Earlier than anything that this program could have been built at. */
const LEAST = Date.parse('2026-01-01T00:00:00Z');

export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  group: 'machine',
  examine({ health }) {
    const { boot, now, uptimeMs } = health.clock();
    const at = new Date(now).toISOString().slice(0, 16);
    const problems = [
      ...(boot === ''
        ? [
            warn(
              'a reboot cannot be told from the records of runs: this system does not number its boots',
              null,
            ),
          ]
        : []),
      ...(now < LEAST
        ? [
            warn(
              `the clock says ${at}, which is in the past: certificates are refused`,
              'sudo timedatectl set-ntp true',
            ),
          ]
        : []),
    ];
    const up = Math.floor(uptimeMs / 60_000);
    return together(
      problems,
      `${at} UTC, up for ${Math.floor(up / 60)}h${String(up % 60).padStart(2, '0')}m, boot ${boot.slice(0, 8)}`,
    );
  },
};
