/** The certificate of a server as Node tells it, made handy. It must not judge. */

import type { PeerCertificate } from 'node:tls';
import { type Connect, LENIENT_TLS } from './wire.ts';

export interface Certificate {
  readonly peer: PeerCertificate;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  /** Alternative names; null: it has none of any kind. */
  readonly names: readonly string[] | null;
}

/** One connection. Null: the server shows none. Throws `ProbeFailure` when no handshake comes about. */
export async function certificateOf(
  connect: Connect,
  serverName: string | null = null,
): Promise<Certificate | null> {
  const wire = await connect({
    tls: { ...LENIENT_TLS, ...(serverName === null ? {} : { servername: serverName }) },
  });
  const peer = wire.tls?.certificate;
  wire.close();
  // Node gives an empty object where there is none.
  if (peer === undefined || peer.raw === undefined) return null;
  const { subjectaltname } = peer;
  return {
    peer,
    from: Date.parse(peer.valid_from),
    to: Date.parse(peer.valid_to),
    names:
      subjectaltname === undefined
        ? null
        : subjectaltname.split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, '')),
  };
}
