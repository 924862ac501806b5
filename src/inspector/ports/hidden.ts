/** Why no owner of a socket is seen, and what would show it. */

import type { Holders, SocketFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';

export function hiddenBecause(socket: SocketFacts, holders: Holders, platform: Platform): string {
  const closed = holders.closed.get(socket.uid);
  if (closed !== undefined)
    return `it belongs to ${platform.userName(socket.uid)}, whose processes do not show their sockets to this user; \`sudo lo ports\` shows it`;
  return 'no process that can be seen from here holds it: it may be in another pid namespace (a container)';
}
