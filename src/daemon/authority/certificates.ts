/**
 * Certificates on disk: the authority of this home, made once, and one leaf for the names of each environment, made again when the
 * names change, its end comes near, or a file is torn. It must not know how they are encoded (`x509.ts`).
 */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { GatewayCertificate } from '../../core/gateway.ts';
import { shortHash } from '../../core/hash.ts';
import type { GatewayPaths } from '../../core/paths.ts';
import { writeAtomic } from '../../platform/files.ts';
import type { Pem } from './x509.ts';

/** A leaf is renewed so long before its end, in ms. */
const EARLY_MS = 30 * 86_400_000;

export interface CertificateTools {
  readonly paths: GatewayPaths;
  /** Epoch ms. */
  now(): number;
  /** Something that was there had to be made anew, in words. */
  notice(words: string): void;
}

/** Names of one environment (or alias) that share a certificate. Errors: STATE_UNWRITABLE. */
export async function certificateFor(
  tools: CertificateTools,
  names: readonly string[],
): Promise<GatewayCertificate> {
  const directory = tools.paths.certificates;
  const stem = `${directory}/${shortHash([...names].sort().join('\n'))}`;
  const place = { names, certificate: `${stem}.pem`, key: `${stem}-key.pem` };
  const authority = await authorityOf(tools);
  const known = readPair(place.certificate, place.key);
  const fault = known === null ? null : faultOfLeaf(known, authority, tools.now());
  if (known !== null && fault === null) return place;
  if (fault !== null) tools.notice(`the certificate of ${names[0] ?? 'no name'} ${fault}: a new one is made`);
  const { makeLeaf } = await import('./x509.ts');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const leaf = await makeLeaf(authority, names, tools.now());
  writeAtomic(place.key, leaf.key);
  writeAtomic(place.certificate, `${leaf.certificate}\n`);
  return place;
}

/** By home: two that are asked for at once are one. */
const making = new Map<string, Promise<Pem>>();

/** Made on first use. A half of one is none: both files are made anew. Errors: STATE_UNWRITABLE. */
export async function authorityOf(tools: CertificateTools): Promise<Pem> {
  const { paths, now } = tools;
  const under = making.get(paths.authority);
  if (under !== undefined) return await under;
  const known = readPair(paths.authority, paths.authorityKey);
  const fault = known === null ? halfOf(paths) : faultOfPair(known, now());
  if (known !== null && fault === null) return known;
  if (fault !== null)
    tools.notice(`the authority in ${paths.authority} ${fault}: a new one is made; run \`lo trust\` again`);
  const work = makeAnew(tools).finally(() => making.delete(paths.authority));
  making.set(paths.authority, work);
  return await work;
}

async function makeAnew({ paths, now }: CertificateTools): Promise<Pem> {
  const { makeAuthority } = await import('./x509.ts');
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  // Stores tell authorities apart by their names: each home needs one of its own.
  const made = await makeAuthority(now(), `${userName()}@${hostname()} ${shortHash(paths.authority)}`);
  // Leaves of an authority that is gone would be refused by everybody.
  rmSync(paths.certificates, { recursive: true, force: true });
  writeAtomic(paths.authorityKey, made.key);
  const certificate = `${made.certificate}\n`;
  writeAtomic(paths.authority, certificate);
  return { certificate, key: made.key };
}

/** Null: both are missing, as before the first use. */
function halfOf(paths: GatewayPaths): string | null {
  const certificate = readText(paths.authority);
  const key = readText(paths.authorityKey);
  if (certificate === null && key === null) return null;
  return certificate === null ? 'is gone' : 'has lost its key';
}

/** Null: it can be used now. */
function faultOfPair({ certificate, key }: Pem, now: number): string | null {
  return unlessSound(`${certificate}${key}`, now, () => {
    const parsed = new X509Certificate(certificate);
    const [from, until] = [Date.parse(parsed.validFrom), Date.parse(parsed.validTo)];
    if (!parsed.checkPrivateKey(createPrivateKey(key))) return 'has the key of another';
    if (until <= now) return 'has expired';
    return from > now ? 'is not valid yet by this clock' : { from, until };
  });
}

function faultOfLeaf(pair: Pem, authority: Pem, now: number): string | null {
  const fault = faultOfPair(pair, now);
  if (fault !== null) return fault;
  return unlessSound(`${pair.certificate}${authority.certificate}`, now, () => {
    const leaf = new X509Certificate(pair.certificate);
    if (!leaf.verify(new X509Certificate(authority.certificate).publicKey)) return 'is of another authority';
    const until = Date.parse(leaf.validTo) - EARLY_MS;
    return until < now ? 'ends soon' : { from: 0, until };
  });
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** By text. Taking keys apart takes 5 ms, and every change of a route asks: what was sound stays so until its time is over. */
const sound = new Map<string, Span>();
const MOST_SOUND = 100;

/** `look`: from when until when it is sound, epoch ms, or what is wrong with it. */
function unlessSound(text: string, now: number, look: () => Span | string): string | null {
  const known = sound.get(text);
  if (known !== undefined && known.from <= now && now < known.until) return null;
  try {
    const found = look();
    if (typeof found === 'string') return found;
    if (sound.size >= MOST_SOUND) sound.clear();
    sound.set(text, found);
    return null;
  } catch {
    // OpenSSL's words about it say no more.
    return 'is torn';
  }
}

function readPair(certificate: string, key: string): Pem | null {
  const pair = { certificate: readText(certificate), key: readText(key) };
  return pair.certificate === null || pair.key === null ? null : (pair as Pem);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not made yet, or deleted.
    return null;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry, as in containers.
    return 'user';
  }
}
