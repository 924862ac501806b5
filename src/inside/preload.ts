/**
 * Loaded into a service's Node programs by NODE_OPTIONS: a server that would listen on a declared port of every address, or of
 * localhost, listens on the address leased to the service instead. Every other call is left alone, and so is the program when
 * anything here fails. It must stay small and quick: every Node process of a service loads it.
 */

import { createRequire } from 'node:module';
import type { Server } from 'node:net';

interface Binding {
  readonly address: string;
  readonly port: number;
}

interface Wish {
  readonly port: number;
  /** '' when none was given. */
  readonly host: string;
  readonly ipv6Only: boolean;
  readonly exclusive: boolean;
}

type Listen = (this: Server, ...args: unknown[]) => Server;
/** Where Node binds, under the name that it keeps for those who wrap it; `address` null means every address. */
type Bind = (
  address: string | null,
  port: number,
  family: number,
  backlog: unknown,
  fd: unknown,
  flags: number,
) => void;
type Bindable = Server & { _listen2?: Bind; _handle?: unknown };

const MARK = Symbol.for('loopyard.listen');
const IPV6_ONLY = 1;
/** `::` and `::1` in each way to write them; Vite looks for a free port on `0000:0000:0000:0000:0000:0000:0000:0000`. */
const IPV6_EVERY_OR_LOCAL = /^((0{1,4}:){7}|(0{1,4}(:0{1,4})*)?::(0{1,4}:)*)0{0,3}[01]?$/;
const ANY_FAMILY = /^(|0|0\.0\.0\.0|127\.0\.0\.1|localhost|::ffff:(0\.0\.0\.0|127\.0\.0\.1))$/i;
const ONLY_IPV4 = /^(0|0\.0\.0\.0|127\.0\.0\.1)$/;

const bindings = parseBindings(process.env.LOOPYARD_BIND ?? '');
/** Declared port -> which family its first server asked for, as long as that one is open. */
const held = new Map<number, { readonly server: Server; readonly family: 4 | 6 }>();

let hasComplained = false;

failOpen(() => {
  if (bindings.size > 0) wrapListen();
});

function parseBindings(text: string): ReadonlyMap<number, Binding> {
  const found = new Map<number, Binding>();
  for (const match of text.matchAll(/(\d+)=([\d.]+):(\d+)/g))
    found.set(Number(match[1]), { address: String(match[2]), port: Number(match[3]) });
  return found;
}

function wrapListen(): void {
  const load = createRequire(__filename);
  const { Server: NetServer } = load('node:net') as typeof import('node:net');
  const prototype = NetServer.prototype as unknown as { listen: Listen & { [MARK]?: true } };
  const original = prototype.listen;
  if (original[MARK] === true) return;
  const isClusterWorker = (): boolean => (load('node:cluster') as { readonly isWorker: boolean }).isWorker;
  const listen: Listen & { [MARK]?: true } = function (...args) {
    const go = failOpen(() => redirect(this as Bindable, args, original, isClusterWorker));
    return go === undefined ? original.apply(this, args) : go();
  };
  Object.defineProperty(listen, 'name', { value: 'listen' });
  Object.defineProperty(listen, 'length', { value: original.length });
  listen[MARK] = true;
  prototype.listen = listen;
}

/** The call to make instead; undefined: none of ours. */
function redirect(
  server: Bindable,
  args: readonly unknown[],
  original: Listen,
  isClusterWorker: () => boolean,
): (() => Server) | undefined {
  const wish = wishOf(args);
  const binding = wish === undefined ? undefined : bindings.get(wish.port);
  if (wish === undefined || binding === undefined || server._handle) return undefined;
  const { address } = binding;
  if (!isEveryOrLocal(wish.host) && wish.host !== address) return undefined;
  const port = isSecondFamily(server, wish) ? 0 : binding.port;
  // Without a host Node binds at once, and programs rely on it: `listen(3000); address()`.
  const bindsAtOnce = wish.host === '' && (wish.exclusive || !isClusterWorker());
  if (bindsAtOnce && typeof server._listen2 === 'function')
    return () => listenAtOnce(server, args, original, { address, port });
  const elsewhere = withPlace(args, address, port);
  return () => original.apply(server, elsewhere);
}

function isEveryOrLocal(host: string): boolean {
  return ANY_FAMILY.test(host) || IPV6_EVERY_OR_LOCAL.test(host);
}

function wishOf(args: readonly unknown[]): Wish | undefined {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return wishOfOptions(first as Record<string, unknown>);
  const port = portOf(first);
  return port === undefined
    ? undefined
    : { port, host: typeof second === 'string' ? second : '', ipv6Only: false, exclusive: false };
}

/** Handles, file descriptors and pipes are none of ours. */
function wishOfOptions(options: Record<string, unknown>): Wish | undefined {
  const port = portOf(options.port);
  if (port === undefined || options._handle || options.handle || typeof options.fd === 'number')
    return undefined;
  if (options.host && typeof options.host !== 'string') return undefined;
  return {
    port,
    host: options.host ? String(options.host) : '',
    ipv6Only: options.ipv6Only === true,
    exclusive: options.exclusive === true || options.reusePort === true,
  };
}

function portOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : undefined;
}

/**
 * A program may listen on 127.0.0.1 and then on ::1 with the same port. Both mean the one leased address here, so the second takes a
 * free port there instead of failing where it never failed.
 */
function isSecondFamily(server: Server, wish: Wish): boolean {
  const isIpv6 = IPV6_EVERY_OR_LOCAL.test(wish.host) && (wish.ipv6Only || wish.host.endsWith('1'));
  const family = isIpv6 ? 6 : ONLY_IPV4.test(wish.host) ? 4 : undefined;
  const holder = held.get(wish.port);
  if (family === undefined) return false;
  if (holder !== undefined && holder.server !== server) return holder.family !== family;
  held.set(wish.port, { server, family });
  server.once('close', () => held.delete(wish.port));
  return false;
}

function listenAtOnce(server: Bindable, args: readonly unknown[], original: Listen, to: Binding): Server {
  const own = Object.getOwnPropertyDescriptor(server, '_listen2');
  const bind = server._listen2 as Bind;
  server._listen2 = (_address, _port, _family, backlog, fd, flags) =>
    bind.call(server, to.address, to.port, 4, backlog, fd, flags & ~IPV6_ONLY);
  try {
    return original.apply(server, [...args]);
  } finally {
    if (own === undefined) delete server._listen2;
    else Object.defineProperty(server, '_listen2', own);
  }
}

/** The same arguments with another host and port; the program's own objects stay as they are. */
function withPlace(args: readonly unknown[], host: string, port: number): unknown[] {
  const [first, second, ...rest] = args;
  if (typeof first === 'object' && first !== null) {
    const own = { host: ownValue(host), port: ownValue(port), ipv6Only: ownValue(false) };
    return [Object.create(first, own), ...args.slice(1)];
  }
  // `undefined` as host may be followed by a backlog; a backlog or a callback in its place moves on by one.
  const isHostPlace = typeof second === 'string' || second === undefined || second === null;
  return isHostPlace ? [port, host, ...rest] : [port, host, second, ...rest];
}

function ownValue(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

/** A program must run as it always did when this file cannot do its part. */
function failOpen<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (process.env.LOOPYARD_DEBUG && !hasComplained)
      process.stderr.write(`loopyard preload: ${String(error)}\n`);
    hasComplained = true;
    return undefined;
  }
}
