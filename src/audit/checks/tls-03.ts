/** TLS-03: the key of a certificate is too short, or its signature can be forged. */

import type { ListenerCheck } from '../check.ts';
import { CERTIFICATE_FIXES } from '../fixes/certificates.ts';
import { fixFor } from '../fixes/programs.ts';
import { type Certificate, certificateOf } from '../probe/certificate.ts';
import { signatureAlgorithm } from '../probe/der.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const tls03: ListenerCheck = {
  id: 'TLS-03',
  title: 'Its certificate has a weak key or signature',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: false,
  references: ['CWE-326', 'CWE-328', 'https://doi.org/10.6028/NIST.SP.800-131Ar2'],
  speaks: ['https', 'tls'],
  requests: 1,
  fix: 'make one with an ECDSA key on P-256, or RSA of 2048 bits, signed with SHA-256: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256 …`',
  probe: 'Makes one TLS handshake and reads key and signature of the certificate.',
  rule: 'Vulnerable when its key is RSA or DSA below 2048 bits, or on a curve below 224, or its signature is made with MD2, MD5 or SHA-1. Safe otherwise.',
  examine: async ({ connect, target }) => {
    const certificate = await certificateOf(connect);
    if (certificate === null) return notApplicable('it shows no certificate');
    const weak = [weakKey(certificate), weakSignature(certificate)].filter((one) => one !== null);
    const [first, ...more] = weak;
    if (first === undefined)
      return safe(`its key has ${certificate.peer.bits ?? 'enough'} bits, and its signature is not weak`);
    return vulnerable(
      'proven',
      [first, 'the server made a handshake with that certificate just now', ...more],
      {
        fix: fixFor(target, CERTIFICATE_FIXES) ?? tls03.fix,
      },
    );
  },
};

const FEWEST_BITS = 2048;
const FEWEST_CURVE_BITS = 224;

/** Only RSA and DSA keys have a modulus or no curve. */
function weakKey({ peer }: Certificate): string | null {
  const { bits, asn1Curve } = peer as { readonly bits?: number; readonly asn1Curve?: string };
  if (bits === undefined) return null;
  if (asn1Curve !== undefined)
    return bits < FEWEST_CURVE_BITS ? `its key is on a curve of ${bits} bits (${asn1Curve})` : null;
  // Ed25519 and its like have 256, and no modulus.
  if (peer.modulus === undefined && bits < 512) return null;
  return bits < FEWEST_BITS ? `its key has ${bits} bits` : null;
}

const WEAK: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'MD2',
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.3.14.3.2.29': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
};

function weakSignature({ peer }: Certificate): string | null {
  const hash = WEAK[signatureAlgorithm(peer.raw) ?? ''];
  return hash === undefined ? null : `its signature is made with ${hash}`;
}
