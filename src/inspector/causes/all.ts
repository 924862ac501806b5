/** The one list of causes, in the order in which they are told: who holds the port, what follows from it, what else is in the way. */

import { airplayReceiver } from './airplay.ts';
import { boundNotListening } from './bound-not-listening.ts';
import type { Cause } from './cause.ts';
import { dockerProxy } from './docker-proxy.ts';
import { ephemeralConnection } from './ephemeral-connection.ts';
import { held } from './held.ts';
import { heldSpecific } from './held-specific.ts';
import { heldWide } from './held-wide.ts';
import { leftConnection } from './left-connection.ts';
import { localhostFamily } from './localhost-family.ts';
import { otherNamespace } from './other-namespace.ts';
import { oursGateway, oursRunning, oursStopped } from './ours.ts';
import { ownerHidden } from './owner-hidden.ts';
import { privileged } from './privileged.ts';
import { reservedRange } from './reserved-range.ts';
import { reuseportGroup } from './reuseport-group.ts';
import { selfConnected } from './self-connected.ts';
import { splitByFamily } from './split-by-family.ts';
import { staleBinary } from './stale-binary.ts';
import { supervised } from './supervised.ts';
import { timeWait } from './time-wait.ts';
import { socketActivated, unitService } from './units.ts';

export const CAUSES: readonly Cause[] = [
  privileged,
  reservedRange,
  held,
  ownerHidden,
  oursRunning,
  oursGateway,
  dockerProxy,
  socketActivated,
  unitService,
  supervised,
  airplayReceiver,
  staleBinary,
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
  oursStopped,
  otherNamespace,
];
