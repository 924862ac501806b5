/**
 * Makes certificates: the home's own authority, leaves for names that it serves, and one by no authority for an address that is shared. The authority is constrained to `.localhost` and
 * loopback addresses (RFC 5280 4.2.1.10): a stolen key signs nothing else that a browser would take. Loaded only where certificates
 * are made; it must not know files.
 */

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface Pem {
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Browsers on macOS take at most 825; less is nearer to what is served now. */
const LEAF_DAYS = 90;
/** Clocks of containers and virtual machines may be behind. */
const EARLIER_MS = 3_600_000;
/** Whoever trusts an authority must not have to do so again because a clock went back. */
const AUTHORITY_EARLIER_MS = 365 * DAY_MS;
const NAME_CONSTRAINTS = '2.5.29.30';

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

/** `now`: epoch ms. `owner`: tells authorities of several users and homes apart in a list of trusted ones. */
export async function makeAuthority(now: number, owner: string): Promise<Pem> {
  const keys = await makeKeys();
  const name = `CN=Loopyard local authority (${escapeName(owner)}), O=Loopyard`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - AUTHORITY_EARLIER_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new Extension(NAME_CONSTRAINTS, true, AsnConvert.serialize(constraints())),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** One certificate for all `names`, exactly. It ends before its authority does. */
export async function makeLeaf(authority: Pem, names: readonly string[], now: number): Promise<Pem> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    // 64 characters at most (RFC 5280 ub-common-name); programs go by the alternative names.
    subject: `CN=${(names[0] ?? 'localhost').slice(0, 64)}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - EARLIER_MS),
    notAfter: new Date(Math.min(now + LEAF_DAYS * DAY_MS, issuer.notAfter.getTime())),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** For one address, signed by itself: the authority may not vouch for it, and nobody shall trust more than this one. `now`, `until`: epoch ms. */
export async function makeForAddress(address: string, now: number, until: number): Promise<Pem> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${escapeName(address)}`,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - EARLIER_MS),
    notAfter: new Date(until),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'ip', value: address }]),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

function constraints(): NameConstraints {
  const permitted = [
    new GeneralName({ dNSName: 'localhost' }),
    new GeneralName({ iPAddress: '127.0.0.0/8' }),
    new GeneralName({ iPAddress: '::1/128' }),
  ];
  return new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(permitted.map((base) => new GeneralSubtree({ base }))),
  });
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [bytes] = PemConverter.decode(pem);
  if (bytes === undefined) throw new Error('the key of the authority is no PEM');
  return (await webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, [
    'sign',
  ])) as webcrypto.CryptoKey;
}

/** 16 random bytes; the first bit 0, so that no reader takes it for a negative number. */
function serial(): string {
  const bytes = webcrypto.getRandomValues(Buffer.alloc(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** RFC 4514: these have a meaning in a name. */
function escapeName(text: string): string {
  return text.replace(/[,=+<>#;"\\\r\n()]/g, '-');
}
