/** Certificates with the faults that a test wants, each signed by itself. It must not know checks. */

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

export interface Wanted {
  readonly commonName?: string;
  /** DNS names; none: no such extension. */
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  /** Days from now; may be negative. */
  readonly from?: number;
  readonly to?: number;
  readonly key?: 'P-256' | 'RSA-1024' | 'RSA-2048';
  readonly hash?: 'SHA-256' | 'SHA-1';
}

export interface Pair {
  readonly key: string;
  readonly cert: string;
}

const DAY = 86_400_000;

export async function certificate(wanted: Wanted = {}): Promise<Pair> {
  const {
    commonName = 'localhost',
    names = ['localhost'],
    addresses = ['127.0.0.1'],
    from = -1,
    to = 29,
  } = wanted;
  const algorithm = algorithmOf(wanted);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const alternative = [
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  const made = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${commonName}`,
      serialNumber: '01',
      notBefore: new Date(Date.now() + from * DAY),
      notAfter: new Date(Date.now() + to * DAY),
      signingAlgorithm: algorithm,
      keys,
      extensions: alternative.length === 0 ? [] : [new SubjectAlternativeNameExtension(alternative)],
    },
    webcrypto as Parameters<typeof X509CertificateGenerator.createSelfSigned>[1],
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: made.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
}

function algorithmOf({ key = 'P-256', hash = 'SHA-256' }: Wanted) {
  if (key === 'P-256') return { name: 'ECDSA', namedCurve: 'P-256', hash };
  return {
    name: 'RSASSA-PKCS1-v1_5',
    hash,
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: key === 'RSA-1024' ? 1024 : 2048,
  };
}
