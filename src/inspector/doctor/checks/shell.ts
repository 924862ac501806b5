/** `sh` and `setsid`, which start every service: tried with a program in a session of its own whose exit code must come back. */

import { type Check, fail, installing, ok } from '../check.ts';

export const shell: Check = {
  id: 'shell',
  title: 'Shell',
  group: 'node',
  async examine({ health }) {
    const trial = await health.tryShell();
    if (trial.works) return ok('sh and setsid start a program in a session of its own');
    return fail(
      `no program could be started through sh and setsid: ${trial.code}; services cannot run`,
      installing(health.surroundings().family, 'util-linux'),
    );
  },
};
