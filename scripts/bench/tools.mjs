/** The other tools that tell what listens: each path, or null where it is not installed. fkill comes from npm into build/bench-peers. */

import { ofNpm, onPath } from './peers.mjs';

export function findTools() {
  return {
    ss: onPath('ss'),
    netstat: onPath('netstat'),
    lsof: onPath('lsof'),
    fkill: ofNpm('fkill'),
  };
}
