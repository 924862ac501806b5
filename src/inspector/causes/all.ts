/** The one list of causes, in the order in which they are told: who holds the port, what follows from it, what else is in the way. */

import { boundNotListening } from './bound-not-listening.ts';
import type { Cause } from './cause.ts';
import { ephemeralConnection } from './ephemeral-connection.ts';
import { held } from './held.ts';
import { heldSpecific } from './held-specific.ts';
import { heldWide } from './held-wide.ts';
import { leftConnection } from './left-connection.ts';
import { localhostFamily } from './localhost-family.ts';
import { reuseportGroup } from './reuseport-group.ts';
import { selfConnected } from './self-connected.ts';
import { splitByFamily } from './split-by-family.ts';
import { timeWait } from './time-wait.ts';

export const CAUSES: readonly Cause[] = [
  held,
  heldWide,
  heldSpecific,
  splitByFamily,
  reuseportGroup,
  localhostFamily,
  selfConnected,
  ephemeralConnection,
  leftConnection,
  timeWait,
  boundNotListening,
];
