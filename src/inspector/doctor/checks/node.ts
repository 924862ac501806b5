/** Node.js itself: the version that the package needs. */

import { type Check, fail, ok } from '../check.ts';

const LEAST = [20, 19] as const;

export const node: Check = {
  id: 'node',
  title: 'Node.js',
  group: 'node',
  examine({ health }) {
    const { node: version } = health.program();
    const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
    const good = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
    if (good) return ok(`${version}, and ${LEAST.join('.')} or later is needed`);
    return fail(
      `${version} is too old: ${LEAST.join('.')} or later is needed`,
      'install a newer one from https://nodejs.org, or `nvm install 22`',
    );
  },
};
