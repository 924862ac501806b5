/**
 * Where programs on Linux look up whom they trust, and whether a certificate is among it: the system's bundle, the NSS databases of
 * Chromium and Firefox, Java's key stores, files that variables name. It must not add or remove anything.
 */

import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProgram } from '../children.ts';
import type { TrustQuery, TrustStore } from '../health.ts';
import { codeOf } from '../node-health.ts';

/** Debian and Arch, Fedora, openSUSE, Alpine: the first that is there is the system's. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Each names a file of certificates that replaces the system's, or is added to it. */
const VARIABLES = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'GIT_SSL_CAINFO',
] as const;

const CERTUTIL_MS = 3000;
const INSTALL_CERTUTIL = 'certutil is needed to look into it (Debian: libnss3-tools, Fedora: nss-tools)';

type Found = Pick<TrustStore, 'kind' | 'name' | 'path'>;
type Holding = Pick<TrustStore, 'holds' | 'why'>;

export async function readTrustStores(query: TrustQuery): Promise<readonly TrustStore[]> {
  const stores = [...systemStores(), ...nssStores(query), ...javaStores(query), ...variableStores(query)];
  if (query.certificate === null) return stores.map((store) => ({ ...store, holds: null, why: null }));
  const certificate = await derOf(query.certificate);
  return await Promise.all(
    stores.map(async (store): Promise<TrustStore> => {
      if (certificate === null) return { ...store, holds: null, why: 'the certificate cannot be read' };
      return { ...store, ...(await lookInto(store, certificate)) };
    }),
  );
}

async function lookInto(store: Found, certificate: Buffer): Promise<Holding> {
  try {
    if (store.kind === 'nss') return await inDatabase(store.path, certificate);
    const bytes = await readFile(store.path);
    return store.kind === 'java' ? inKeyStore(bytes, certificate) : inBundle(bytes, certificate);
  } catch (error) {
    return { holds: null, why: codeOf(error) };
  }
}

function systemStores(): readonly Found[] {
  const path = BUNDLES.find((one) => existsSync(one));
  return path === undefined ? [] : [{ kind: 'system', name: 'system bundle', path }];
}

function variableStores({ variables }: TrustQuery): readonly Found[] {
  return VARIABLES.flatMap((name) => {
    const path = variables[name];
    return path === undefined || path === '' ? [] : [{ kind: 'variable' as const, name, path }];
  });
}

/** Browsers from packages, snaps and flatpaks. */
function nssStores({ home }: TrustQuery): readonly Found[] {
  if (home === null) return [];
  const chromium = [join(home, '.pki/nssdb'), join(home, 'snap/chromium/current/.pki/nssdb')];
  const profiles = [
    join(home, '.mozilla/firefox'),
    join(home, 'snap/firefox/common/.mozilla/firefox'),
    join(home, '.var/app/org.mozilla.firefox/.mozilla/firefox'),
  ].flatMap((directory) => list(directory).map((name) => join(directory, name)));
  return [
    ...chromium.map((path) => ({ kind: 'nss' as const, name: 'Chromium', path })),
    ...profiles.map((path) => ({ kind: 'nss' as const, name: 'Firefox', path })),
  ].filter(({ path }) => existsSync(join(path, 'cert9.db')));
}

function javaStores({ home, variables }: TrustQuery): readonly Found[] {
  const homes = [
    variables.JAVA_HOME,
    ...list('/usr/lib/jvm').map((name) => join('/usr/lib/jvm', name)),
    ...(home === null ? [] : list(join(home, '.sdkman/candidates/java'))).map((name) =>
      join(home ?? '', '.sdkman/candidates/java', name),
    ),
  ];
  const files = new Set<string>();
  for (const one of homes) {
    const file = one === undefined || one === '' ? null : realFile(join(one, 'lib/security/cacerts'));
    if (file !== null) files.add(file);
  }
  return [...files].map((path) => ({ kind: 'java', name: 'Java', path }));
}

/** Text that holds certificates between BEGIN and END lines. */
function inBundle(bytes: Buffer, certificate: Buffer): Holding {
  return {
    holds: certificatesIn(bytes.toString('latin1')).some((one) => one.equals(certificate)),
    why: null,
  };
}

function certificatesIn(text: string): readonly Buffer[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, body = '']) => Buffer.from(body.replace(/\s/g, ''), 'base64'));
}

/** JKS files begin so. PKCS #12 ones may hide their certificates in encrypted data (OID 1.2.840.113549.1.7.6). */
const JKS = Buffer.from([0xfe, 0xed, 0xfe, 0xed]);
const ENCRYPTED_DATA = Buffer.from([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06]);

/** Certificates are no secret: both formats hold them as they are, unless the whole is encrypted. */
function inKeyStore(bytes: Buffer, certificate: Buffer): Holding {
  if (bytes.includes(certificate)) return { holds: true, why: null };
  const isOpen = bytes.subarray(0, 4).equals(JKS) || !bytes.includes(ENCRYPTED_DATA);
  return isOpen ? { holds: false, why: null } : { holds: null, why: 'it is encrypted' };
}

/** Trusted for web servers only when the first of the three flags has a C. Source: certutil(1). */
async function inDatabase(directory: string, certificate: Buffer): Promise<Holding> {
  const certutil = (...args: readonly string[]): ReturnType<typeof runProgram> =>
    runProgram('certutil', ['-L', '-d', `sql:${directory}`, ...args], { withinMs: CERTUTIL_MS });
  const listed = await certutil();
  if (listed.failure === 'ENOENT') return { holds: null, why: INSTALL_CERTUTIL };
  if (listed.code !== 0) return { holds: null, why: listed.failure ?? listed.stderr.trim() };
  for (const { name, flags } of nicknames(listed.stdout)) {
    const { stdout } = await certutil('-a', '-n', name);
    if (!certificatesIn(stdout).some((one) => one.equals(certificate))) continue;
    const trusted = /^[^,]*C/.test(flags);
    return trusted
      ? { holds: true, why: null }
      : { holds: false, why: `it is there as ${name}, not trusted for web servers` };
  }
  return { holds: false, why: null };
}

/** Lines of `certutil -L` that end in trust flags, such as `mkcert development CA    C,,`. */
function nicknames(text: string): readonly { readonly name: string; readonly flags: string }[] {
  const lines = text.matchAll(/^(.+?)\s+([pPcCTuw]*,[pPcCTuw]*,[pPcCTuw]*)\s*$/gm);
  return [...lines].map(([, name = '', flags = '']) => ({ name, flags }));
}

async function derOf(file: string): Promise<Buffer | null> {
  const text = await readFile(file, 'latin1').catch(() => '');
  return certificatesIn(text)[0] ?? null;
}

function realFile(path: string): string | null {
  try {
    const real = realpathSync(path);
    // `/usr/lib/jvm/default` and what it leads to are one store.
    return existsSync(dirname(real)) ? real : null;
  } catch {
    // Not there.
    return null;
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not there, or not for us.
    return [];
  }
}
