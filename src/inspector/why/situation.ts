/** Gathers all that is known of one port at one moment. It must not judge (`causes/`). */

import { setTimeout as delay } from 'node:timers/promises';
import type { OwnerDocument, Unseen } from '../../core/inspection.ts';
import type { Gap, OtherNamespace, SocketFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { unaccountedTrials } from '../causes/blocking.ts';
import type { Connection, Situation, Trial } from '../causes/cause.ts';
import { type InspectorTools, Look } from '../look.ts';
import { directionOf } from './direction.ts';
import { isUnexplained, tryAll } from './trials.ts';
import { oneAtATime } from './turns.ts';

export async function gather(tools: InspectorTools, port: number): Promise<Situation> {
  const { platform } = tools;
  const look = new Look(tools, await tools.holdings());
  const moment = await oneAtATime(platform, port, () => lookAndTry(platform, port));
  const localhost = await localhostOrder(platform);
  const { sockets, trials } = moment;
  const ranges = platform.portRanges();
  const isOpen = ({ state }: SocketFacts): boolean => state === 'listen' || state === 'bound';
  const open = look.listeners(sockets.filter(isOpen));
  const others = platform.otherNetworkNamespaces();
  const gaps = [...moment.gaps, ...others.gaps, ...platform.blindSpots(), ...localhost.gaps];
  const rests = sockets.filter((socket) => socket.protocol === 'tcp' && !isOpen(socket));
  const connections = connectionsOf(look, rests, (socket) => directionOf(socket, moment.listening, ranges));
  return {
    port,
    listeners: open.filter(({ protocol }) => protocol === 'tcp'),
    udp: open.filter(({ protocol }) => protocol === 'udp'),
    connections,
    trials,
    localhost: localhost.order,
    ranges,
    elsewhere: others.namespaces.flatMap((namespace) => listenersIn(look, namespace, port)),
    unlisted:
      unaccountedTrials({ connections, trials }).length > 0 ? unlistedOwners(look, others.namespaces) : [],
    holdings: look.holdings,
    uid: platform.details(process.pid)?.uid ?? 0,
    unseen: gaps.map((gap): Unseen => ({ ...gap, fix: null })),
    isBlind: moment.gaps.length > 0,
  };
}

interface Moment {
  /** Of the port; all states, both transports. */
  readonly sockets: readonly SocketFacts[];
  /** Of all ports. */
  readonly listening: readonly SocketFacts[];
  readonly trials: readonly Trial[];
  readonly gaps: readonly Gap[];
}

const ROUNDS = 4;
/** Longer than it takes from bind(2) to listen(2). */
const PAUSE_MS = 25;

/** Table and trials belong together only when nothing came or went in between. */
async function lookAndTry(platform: Platform, port: number): Promise<Moment> {
  for (let round = 1; ; round += 1) {
    const before = listening(platform.sockets('listening').sockets, port);
    const trials = await tryAll(
      platform,
      port,
      before.map(({ local }) => local),
    );
    const table = platform.sockets('all');
    const sockets = table.sockets.filter(({ local }) => local.port === port);
    const isSteady = inodes(before) === inodes(listening(sockets, port));
    const isExplained = !trials.some(isUnexplained) || sockets.some(({ protocol }) => protocol === 'tcp');
    if ((isSteady && isExplained) || round === ROUNDS)
      return { sockets, trials, listening: table.sockets.filter(isListening), gaps: table.gaps };
    // A server that is about to listen has bound the port; nothing tells when it goes on.
    await delay(PAUSE_MS);
  }
}

function listening(sockets: readonly SocketFacts[], port: number): readonly SocketFacts[] {
  return sockets.filter((socket) => isListening(socket) && socket.local.port === port);
}

function isListening({ state }: SocketFacts): boolean {
  return state === 'listen';
}

function inodes(sockets: readonly SocketFacts[]): string {
  return sockets
    .map(({ inode }) => inode)
    .sort((one, other) => one - other)
    .join();
}

function connectionsOf(
  look: Look,
  sockets: readonly SocketFacts[],
  direction: (socket: SocketFacts) => Connection['direction'],
): readonly Connection[] {
  const held = new Set(sockets.map(({ inode }) => inode).filter((inode) => inode !== 0));
  const { byInode } = look.platform.holders(held);
  return sockets.map((socket) => ({
    socket,
    direction: direction(socket),
    owners: (byInode.get(socket.inode) ?? []).flatMap((pid) => look.owner(pid) ?? []),
  }));
}

function listenersIn(
  look: Look,
  { id, pids }: OtherNamespace,
  port: number,
): readonly Situation['elsewhere'][number][] {
  for (const pid of pids) {
    const { sockets } = look.platform.sockets('listening', pid);
    // It ended, or may not be looked into: another one is in the same namespace.
    if (sockets.length === 0) continue;
    const found = look.listeners(listening(sockets, port));
    return found.flatMap((listener) => {
      const owner = listener.owners[0] ?? look.owner(pid);
      return owner === null ? [] : [{ namespace: id, owner, listener }];
    });
  }
  return [];
}

/** A socket of another network namespace stands in that one's tables. */
function unlistedOwners(look: Look, namespaces: readonly OtherNamespace[]): readonly OwnerDocument[] {
  const elsewhere = new Set(namespaces.flatMap(({ pids }) => pids));
  const pids = new Set([...look.platform.unlistedSockets().values()].flat());
  return [...pids]
    .filter((pid) => pid !== process.pid && !elsewhere.has(pid))
    .flatMap((pid) => look.owner(pid) ?? []);
}

/** A resolver that asks the network for `localhost` may take its time. */
const PATIENCE_MS = 2000;

async function localhostOrder(
  platform: Platform,
): Promise<{ readonly order: readonly string[]; readonly gaps: readonly Gap[] }> {
  const patience = new AbortController();
  const late = delay(PATIENCE_MS, { addresses: [], code: 'no answer in time' }, { signal: patience.signal });
  // Ended below, when it is not needed any more.
  late.catch(() => undefined);
  const { addresses, code } = await Promise.race([platform.lookUp('localhost'), late]);
  patience.abort();
  return { order: addresses, gaps: code === null ? [] : [{ what: 'where localhost leads', why: code }] };
}
