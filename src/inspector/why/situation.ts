/** Gathers all that is known of one port at one moment. It must not judge (`causes/`). */

import { setTimeout as delay } from 'node:timers/promises';
import type { OwnerDocument, Unseen } from '../../core/inspection.ts';
import type { Gap, OtherNamespace, SocketFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { unaccountedTrials } from '../causes/blocking.ts';
import type { Connection, Situation, Trial } from '../causes/cause.ts';
import { rootCommand } from '../causes/words.ts';
import { type InspectorTools, Look } from '../look.ts';
import { nameContainers } from '../ports/container-names.ts';
import { directionOf } from './direction.ts';
import { listenersElsewhere } from './elsewhere.ts';
import { tryAll, unexplained } from './trials.ts';
import { oneAtATime } from './turns.ts';

export async function gather(tools: InspectorTools, port: number): Promise<Situation> {
  const { platform } = tools;
  const look = await Look.begin(tools);
  const moment = await oneAtATime(platform, port, () => lookAndTry(platform, port));
  const localhost = await localhostOrder(platform);
  const { sockets, trials } = moment;
  const ranges = platform.portRanges();
  const isOpen = ({ state }: SocketFacts): boolean => state === 'listen' || state === 'bound';
  const named = await nameContainers(platform, look.listeners(sockets.filter(isOpen)));
  const open = named.listeners;
  const others = platform.otherNetworkNamespaces();
  const gaps = [...moment.gaps, ...others.gaps, ...localhost.gaps];
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
    elsewhere: await listenersElsewhere(look, others.namespaces, port),
    unlisted:
      unaccountedTrials({ connections, trials }).length > 0
        ? unlistedOwners(look, others.namespaces, port)
        : [],
    holdings: look.holdings,
    processOf: (pid) => look.process(pid),
    system: platform.name,
    uid: process.geteuid?.() ?? 0,
    unseen: [...gaps.map((gap): Unseen => ({ ...gap, fix: null })), ...named.unseen, ...spots(look, port)],
    isBlind: moment.gaps.length > 0,
  };
}

function spots({ sight }: Look, port: number): readonly Unseen[] {
  return sight.spots.map((spot) => ({ ...spot, fix: sight.isRoot ? null : rootCommand(port) }));
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
    const isExplained =
      unexplained(trials).length === 0 || sockets.some(({ protocol }) => protocol === 'tcp');
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

/** A socket of another network namespace stands in that one's tables. */
function unlistedOwners(
  look: Look,
  namespaces: readonly OtherNamespace[],
  port: number,
): readonly OwnerDocument[] {
  const elsewhere = new Set(namespaces.flatMap(({ pids }) => pids));
  const pids = new Set([...look.platform.unlistedSockets(port).values()].flat());
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
