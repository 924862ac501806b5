/** What is told of the home's authority, and the file of certificates that services are given. It must not make either's contents. */

import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { AuthorityReport } from '../../core/naming.ts';
import type { GatewayPaths } from '../../core/paths.ts';
import { writeAtomic } from '../../platform/files.ts';

export function reportAuthority(paths: GatewayPaths): AuthorityReport {
  const certificate = parse(paths.authority);
  return {
    schema: 1,
    certificate: paths.authority,
    fingerprint: certificate?.fingerprint256 ?? null,
    until: certificate === null ? null : new Date(certificate.validTo).toISOString(),
  };
}

/**
 * For NODE_EXTRA_CA_CERTS: our certificate, with those of `given` when the caller has set one already, since Node reads one file
 * only. Null: there is no authority. A file that cannot be read is left to whoever named it: Node warns of it by that name.
 */
export function extraCertificates(paths: GatewayPaths, given: string | undefined): string | null {
  if (!existsSync(paths.authority)) return null;
  if (given === undefined || given === '' || given === paths.authority) return paths.authority;
  if (given.startsWith(`${paths.directory}/extra-`)) return given;
  const file = `${paths.directory}/extra-${createHash('sha256').update(given).digest('hex').slice(0, 12)}.pem`;
  const stamps = [given, paths.authority, file].map(stampOf).join();
  if (joined.get(file) === stamps) return file;
  const theirs = readText(given);
  if (theirs === null) return null;
  const text = `${theirs.trimEnd()}\n${readFileSync(paths.authority, 'utf8')}`;
  if (readText(file) !== text) writeAtomic(file, text);
  joined.set(file, [given, paths.authority, file].map(stampOf).join());
  return file;
}

/** By its path, how the files looked when one was last made: a system's list has some 200 KB, and each start asks. */
const joined = new Map<string, string>();

function stampOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    // Gone, or not for us: reading it says the same.
    return '';
  }
}

function parse(file: string): X509Certificate | null {
  try {
    return new X509Certificate(readFileSync(file));
  } catch {
    // None yet, or torn: the next use makes one.
    return null;
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Gone, or not for us.
    return null;
  }
}
