/**
 * Random faults that come, change and go on links that carry checksummed payloads, for the fuzz and its short form in the suite. All
 * choices follow from one seed; only their meeting with the bytes does not.
 */

import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Fault, FaultDirection } from '../../../src/core/fault.ts';
import { type Random, randomFrom } from '../../../src/core/faults/random.ts';
import type { GatewayLink } from '../../../src/core/link.ts';
import type { SpreadOptions } from '../../../src/gateway/carrier/spread.ts';
import { Links } from '../../../src/gateway/links/links.ts';
import { dist } from '../../support/paths.ts';
import { until } from '../../support/until.ts';
import { freePlace, HOST, listening, portOf } from './rig.ts';

export interface Churn {
  readonly operations: number;
  readonly bytes: number;
  readonly connections: number;
  /** Times that connections were carried by another process when the next change came. */
  readonly moves: number;
}

type Kinds = Readonly<Record<string, (random: Random) => Fault['settings']>>;

/** `whole`: all bytes arrive. `broken`: those that arrive are the first that were sent. `changed`: as many arrive. */
export type Promised = 'whole' | 'broken' | 'changed';

/** Kinds that may delay and cut bytes, but never lose one. */
const GENTLE: Kinds = {
  latency: (random) => ({
    delay: Math.floor(random() * 30),
    jitter: Math.floor(random() * 20),
    distribution: ['uniform', 'normal', 'pareto'][Math.floor(random() * 3)] ?? 'uniform',
  }),
  bandwidth: (random) => ({ rate: Math.floor(10 ** (5 + random() * 3)) }),
  slicer: (random) => {
    const size = 200 + Math.floor(random() * 5000);
    return { size, variation: Math.floor(random() * size), delay: random() < 0.5 ? 0 : random() };
  },
  'slow-close': (random) => ({ delay: 1 + Math.floor(random() * 30) }),
  stall: (random) => ({ delay: 1 + Math.floor(random() * 20) }),
};

const KINDS: Readonly<Record<Promised, Kinds>> = {
  whole: GENTLE,
  broken: {
    ...GENTLE,
    timeout: (random) => ({ after: Math.floor(random() * 30), clock: random() < 0.5 ? 'idle' : 'total' }),
    reset: (random) => ({ after: Math.floor(random() * 30), from: random() < 0.5 ? 'connect' : 'data' }),
    limit: (random) => ({ bytes: Math.floor(random() * 200_000) }),
    refuse: () => ({}),
    stall: () => ({ delay: 0 }),
  },
  changed: { ...GENTLE, corrupt: (random) => ({ share: random() / 100 + 1e-5 }) },
};

/** Connections move as soon as no fault meets them. */
const SPREAD: SpreadOptions = {
  program: join(dist, 'carrier.js'),
  most: 2,
  when: 'always',
  lookMs: 3,
  // Those that are killed here.
  report: () => undefined,
};

/** Pieces that a connection carries at most. */
const [SHORT, LONG] = [20, 200];

const DIRECTIONS: readonly FaultDirection[] = ['up', 'down', 'both'];
const MOST_FAULTS = 5;
const CONNECTIONS = 8;
/** Changes between two turns of the event loop, at most: some meet bytes under way, some each other. */
const MOST_AT_ONCE = 4;
/** Changes between two moves to another process, about. */
const BETWEEN_MOVES = 12;
/** Of the moves, where bytes may be lost: that process is killed. */
const KILLS = 0.05;

/** `carriers`: connections also move to another process and back. */
export interface ChurnOptions {
  readonly operations: number;
  readonly seed: number;
  readonly promised: Promised;
  readonly carriers: boolean;
}

/** Rejects when a byte was lost, repeated or out of order, when something hangs, or when anything is left. */
export async function churn({ operations, seed, promised, carriers }: ChurnOptions): Promise<Churn> {
  const kinds = KINDS[promised];
  const random = randomFrom(seed);
  // Numbers of their own: the changes are the same with and without.
  const moving = randomFrom(seed, 1);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, echo);
  await listening(server);
  const links = new Links({ spread: carriers ? SPREAD : null });
  let wish: GatewayLink = {
    id: 'fuzz/api:db',
    listen: await freePlace(),
    upstream: { address: HOST, port: portOf(server) },
    enabled: true,
    faults: [],
  };
  const apply = async (faults: readonly Fault[]): Promise<void> => {
    wish = { ...wish, faults };
    links.apply([wish]);
    await links.settled();
  };
  await apply([]);
  const traffic = new Traffic(wish, promised, carriers ? LONG : SHORT);
  let moves = 0;
  for (let done = 0; done < operations; done += 1) {
    if (carriers && moving() < 1 / BETWEEN_MOVES) {
      const { faults } = wish;
      await apply([]);
      await someMoved(links);
      moves += 1;
      if (promised === 'broken' && moving() < KILLS) killOne(links);
      if (moving() < 0.5) await apply(faults);
    }
    await apply(changed(wish.faults, kinds, random));
    if (random() < 1 / MOST_AT_ONCE) await turn();
  }
  await apply([]);
  const { bytes, connections } = await traffic.finish();
  await until(() => links.statistics()[0]?.connections === 0);
  assert.equal(links.waiting, 0, 'something waits for its time although all is over');
  await links.close();
  await closed(server);
  return { operations, bytes, connections, moves };
}

async function someMoved(links: Links): Promise<void> {
  await until(() => {
    links.sweep(performance.now());
    return links.carriers.some(({ connections }) => connections > 0);
  });
}

function killOne(links: Links): void {
  const [pid] = links.carriers.flatMap((carrier) => carrier.pid ?? []);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** One fault more, less, other or elsewhere. */
function changed(faults: readonly Fault[], kinds: Kinds, random: Random): readonly Fault[] {
  const next = [...faults];
  const place = Math.floor(random() * (next.length + 1));
  const choice = random();
  const there = next[place];
  if (there === undefined || (choice < 0.4 && next.length < MOST_FAULTS))
    next.splice(place, 0, drawn(kinds, random));
  else if (choice < 0.6) next[place] = { ...there, settings: kinds[there.kind]?.(random) ?? there.settings };
  else if (choice < 0.7) next.reverse();
  else next.splice(place, 1);
  return next.slice(0, MOST_FAULTS);
}

function drawn(kinds: Kinds, random: Random): Fault {
  const names = Object.keys(kinds);
  const kind = names[Math.floor(random() * names.length)] ?? 'latency';
  return {
    name: `${kind}-${Math.floor(random() * 1e9)}`,
    kind,
    direction: DIRECTIONS[Math.floor(random() * 3)] ?? 'both',
    settings: kinds[kind]?.(random) ?? {},
    probability: random() < 0.7 ? 1 : random(),
    seed: Math.floor(random() * 2 ** 32),
    until: null,
  };
}

function echo(socket: Socket): void {
  socket.pipe(socket);
  // A client that is done closes first.
  socket.on('error', () => socket.destroy());
}

/** Callers that send numbered bytes, hear them again, end, and begin anew, until they are told to finish. */
class Traffic {
  readonly #wish: GatewayLink;
  readonly #promised: Promised;
  readonly #pieces: number;
  readonly #callers: Promise<void>[];
  #bytes = 0;
  #connections = 0;
  #finishing = false;

  constructor(wish: GatewayLink, promised: Promised, pieces: number) {
    this.#wish = wish;
    this.#promised = promised;
    this.#pieces = pieces;
    this.#callers = Array.from({ length: CONNECTIONS }, (_, index) => this.#call(index));
  }

  async finish(): Promise<{ readonly bytes: number; readonly connections: number }> {
    this.#finishing = true;
    await Promise.all(this.#callers);
    return { bytes: this.#bytes, connections: this.#connections };
  }

  async #call(index: number): Promise<void> {
    for (let round = 0; !this.#finishing; round += 1) await this.#oneConnection(randomFrom(index, round));
  }

  async #oneConnection(random: Random): Promise<void> {
    const { address, port } = this.#wish.listen;
    const socket = connect({ host: address, port, allowHalfOpen: true });
    const heard: Buffer[] = [];
    const sent: Buffer[] = [];
    let error: string | null = null;
    socket.on('data', (piece: Buffer) => heard.push(piece));
    const over = new Promise<void>((resolve) => {
      socket.once('end', resolve).once('close', resolve);
      socket.once('error', ({ message }) => {
        error = message;
      });
    });
    await send(socket, sent, this.#pieces, random);
    await over;
    socket.destroy();
    this.#check(Buffer.concat(heard), Buffer.concat(sent), error);
    this.#connections += 1;
  }

  #check(heard: Buffer, sent: Buffer, error: string | null): void {
    this.#bytes += heard.length;
    if (this.#promised !== 'broken') {
      assert.equal(error, null);
      assert.equal(heard.length, sent.length, 'bytes were lost or repeated');
    }
    if (this.#promised !== 'changed')
      assert.ok(heard.equals(sent.subarray(0, heard.length)), 'bytes are out of order');
  }
}

/** Numbered bytes, so that no part is like another. A fault may end it before it is through. */
async function send(socket: Socket, sent: Buffer[], most: number, random: Random): Promise<void> {
  const pieces = 1 + Math.floor(random() * most);
  let size = 0;
  for (let count = 0; count < pieces && !socket.destroyed; count += 1) {
    const piece = Buffer.alloc(1 + Math.floor(random() ** 3 * 60_000));
    for (let index = 0; index + 4 <= piece.length; index += 4) piece.writeUInt32LE(size + index, index);
    sent.push(piece);
    size += piece.length;
    if (!socket.write(piece)) await drained(socket);
    if (random() < 0.3) await turn();
  }
  socket.end();
}

async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    socket.once('drain', resolve).once('close', resolve);
  });
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}
