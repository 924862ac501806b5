/**
 * Random faults that come, change and go on links that carry checksummed payloads, for the fuzz and its short form in the suite. All
 * choices follow from one seed; only their meeting with the bytes does not.
 */

import assert from 'node:assert/strict';
import { createHash, type Hash } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Fault, FaultDirection } from '../../../src/core/fault.ts';
import { type Random, randomFrom } from '../../../src/core/faults/random.ts';
import type { GatewayLink } from '../../../src/core/link.ts';
import { Links } from '../../../src/gateway/links/links.ts';
import { until } from '../../support/until.ts';
import { freePlace, HOST, listening, portOf } from './rig.ts';

export interface Churn {
  readonly operations: number;
  readonly bytes: number;
  readonly connections: number;
}

/** Kinds that may delay and cut bytes, but never lose one. */
const KINDS: Readonly<Record<string, (random: Random) => Fault['settings']>> = {
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

const DIRECTIONS: readonly FaultDirection[] = ['up', 'down', 'both'];
const MOST_FAULTS = 5;
const CONNECTIONS = 8;
/** Changes between two turns of the event loop, at most: some meet bytes under way, some each other. */
const MOST_AT_ONCE = 4;

/** Rejects when a byte was lost, repeated or out of order, when something hangs, or when anything is left. */
export async function churn(operations: number, seed: number): Promise<Churn> {
  const random = randomFrom(seed);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, echo);
  await listening(server);
  const links = new Links();
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
  const traffic = new Traffic(wish);
  for (let done = 0; done < operations; done += 1) {
    await apply(changed(wish.faults, random));
    if (random() < 1 / MOST_AT_ONCE) await turn();
  }
  await apply([]);
  const { bytes, connections } = await traffic.finish();
  await until(() => links.statistics()[0]?.connections === 0);
  assert.equal(links.waiting, 0, 'something waits for its time although all is over');
  links.close();
  await closed(server);
  return { operations, bytes, connections };
}

/** One fault more, less, other or elsewhere. */
function changed(faults: readonly Fault[], random: Random): readonly Fault[] {
  const next = [...faults];
  const place = Math.floor(random() * (next.length + 1));
  const choice = random();
  const there = next[place];
  if (there === undefined || (choice < 0.4 && next.length < MOST_FAULTS))
    next.splice(place, 0, drawn(random));
  else if (choice < 0.6) next[place] = { ...there, settings: KINDS[there.kind]?.(random) ?? there.settings };
  else if (choice < 0.7) next.reverse();
  else next.splice(place, 1);
  return next.slice(0, MOST_FAULTS);
}

function drawn(random: Random): Fault {
  const kinds = Object.keys(KINDS);
  const kind = kinds[Math.floor(random() * kinds.length)] ?? 'latency';
  return {
    name: `${kind}-${Math.floor(random() * 1e9)}`,
    kind,
    direction: DIRECTIONS[Math.floor(random() * 3)] ?? 'both',
    settings: KINDS[kind]?.(random) ?? {},
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
  readonly #callers: Promise<void>[];
  #bytes = 0;
  #connections = 0;
  #finishing = false;

  constructor(wish: GatewayLink) {
    this.#wish = wish;
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
    const heard = createHash('sha256');
    const sent = createHash('sha256');
    let bytes = 0;
    socket.on('data', (piece: Buffer) => {
      heard.update(piece);
      bytes += piece.length;
    });
    const over = new Promise<void>((resolve, reject) => {
      socket.once('end', resolve).once('error', reject);
    });
    const size = await this.#send(socket, sent, random);
    await over;
    assert.equal(bytes, size, 'bytes were lost or repeated');
    assert.equal(heard.digest('hex'), sent.digest('hex'), 'bytes are out of order');
    this.#bytes += size;
    this.#connections += 1;
  }

  async #send(socket: Socket, sent: Hash, random: Random): Promise<number> {
    const pieces = 1 + Math.floor(random() * 20);
    let size = 0;
    for (let count = 0; count < pieces; count += 1) {
      const piece = Buffer.alloc(1 + Math.floor(random() ** 3 * 60_000));
      for (let index = 0; index + 4 <= piece.length; index += 4) piece.writeUInt32LE(size + index, index);
      sent.update(piece);
      size += piece.length;
      if (!socket.write(piece)) await drained(socket);
      if (random() < 0.3) await turn();
    }
    socket.end();
    return size;
  }
}

async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('drain', resolve).once('close', resolve);
  });
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}
