/** What this machine runs in and what is beside it: a container, WSL, a VPN. A note; nothing of it is wrong. */

import { type Check, ok } from '../check.ts';

export const surroundings: Check = {
  id: 'surroundings',
  title: 'Surroundings',
  group: 'machine',
  examine({ platform, health }) {
    const { container, wsl, kernel } = health.surroundings();
    const { uid } = health.program();
    const tunnels = platform.interfaces().filter(({ kind }) => kind === 'vpn');
    const notes = [
      ...(container === null
        ? []
        : [`in a container (${container}): its localhost is not that of the machine outside`]),
      ...(wsl ? ['in WSL: Windows reaches what listens here at its own localhost'] : []),
      ...tunnels.map(
        ({ name }) => `a VPN or tunnel is up (${name}): it may answer for names and take routes`,
      ),
      ...(uid === 0 ? ['as root'] : []),
    ];
    return ok([`kernel ${kernel}`, ...notes].join('; '));
  },
};
