/** The one list of checks, in the order of the page. */

import type { Check } from './check.ts';
import { addresses } from './checks/addresses.ts';
import { clock } from './checks/clock.ts';
import { daemon } from './checks/daemon.ts';
import { disk } from './checks/disk.ts';
import { docker } from './checks/docker.ts';
import { families } from './checks/families.ts';
import { firewall } from './checks/firewall.ts';
import { gateway } from './checks/gateway.ts';
import { hosts } from './checks/hosts.ts';
import { inotify } from './checks/inotify.ts';
import { leases } from './checks/leases.ts';
import { leftovers } from './checks/leftovers.ts';
import { localhost } from './checks/localhost.ts';
import { lowPorts } from './checks/low-ports.ts';
import { names } from './checks/names.ts';
import { node } from './checks/node.ts';
import { openFiles } from './checks/open-files.ts';
import { portRanges } from './checks/port-ranges.ts';
import { processes } from './checks/processes.ts';
import { proxy } from './checks/proxy.ts';
import { shell } from './checks/shell.ts';
import { state } from './checks/state.ts';
import { surroundings } from './checks/surroundings.ts';
import { trust } from './checks/trust.ts';
import { userNamespaces } from './checks/user-namespaces.ts';

export const CHECKS: readonly Check[] = [
  node,
  shell,
  proxy,
  addresses,
  families,
  localhost,
  names,
  hosts,
  portRanges,
  lowPorts,
  trust,
  gateway,
  firewall,
  state,
  disk,
  daemon,
  leases,
  leftovers,
  inotify,
  openFiles,
  processes,
  userNamespaces,
  docker,
  clock,
  surroundings,
];
