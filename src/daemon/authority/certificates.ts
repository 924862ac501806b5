/**
 * Certificates on disk: the authority of this home, made once, and one leaf for the names of each environment, made again when the
 * names change or its end comes near. It must not know how they are encoded (`x509.ts`).
 */

import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
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
}

/** Names of one environment (or alias) that share a certificate. Errors: STATE_UNWRITABLE. */
export async function certificateFor(
  tools: CertificateTools,
  names: readonly string[],
): Promise<GatewayCertificate> {
  const directory = tools.paths.certificates;
  const stem = `${directory}/${shortHash([...names].sort().join('\n'))}`;
  const place = { names, certificate: `${stem}.pem`, key: `${stem}-key.pem` };
  if (isGood(place, tools)) return place;
  const authority = await authorityOf(tools);
  const { makeLeaf } = await import('./x509.ts');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const leaf = await makeLeaf(authority, names, tools.now());
  writeAtomic(place.key, leaf.key);
  writeAtomic(place.certificate, `${leaf.certificate}\n`);
  return place;
}

/** Made on first use. A half of one is none: both files are made anew. */
export async function authorityOf({ paths, now }: CertificateTools): Promise<Pem> {
  const known = readPair(paths.authority, paths.authorityKey);
  if (known !== null && endOf(known.certificate) > now()) return known;
  const { makeAuthority } = await import('./x509.ts');
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  const made = await makeAuthority(now(), `${userInfo().username}@${hostname()}`);
  // Leaves of an authority that is gone would be refused by everybody.
  rmSync(paths.certificates, { recursive: true, force: true });
  writeAtomic(paths.authorityKey, made.key);
  writeAtomic(paths.authority, `${made.certificate}\n`);
  return made;
}

function isGood(place: GatewayCertificate, { paths, now }: CertificateTools): boolean {
  const pair = readPair(place.certificate, place.key);
  if (pair === null || endOf(pair.certificate) < now() + EARLY_MS || !existsSync(paths.authority))
    return false;
  try {
    const authority = new X509Certificate(readFileSync(paths.authority));
    return new X509Certificate(pair.certificate).checkIssued(authority);
  } catch {
    // Unreadable or no certificate: a new one is made.
    return false;
  }
}

function readPair(certificate: string, key: string): Pem | null {
  try {
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } catch {
    // Not made yet, or deleted.
    return null;
  }
}

/** Epoch ms; 0 for what is no certificate. */
function endOf(pem: string): number {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    // Torn or replaced by something else.
    return 0;
  }
}
