/**
 * `lo share`: makes the token and a certificate for as long as it lasts, and opens it in this process. It must not ask nor print.
 */

import { randomBytes, X509Certificate } from 'node:crypto';
import type { ShareReport } from '../core/share.ts';
import { TOKEN_PARAMETER } from '../gateway/share/admission.ts';
import { openShare, type Share } from '../gateway/share/share.ts';
import { makeForAddress } from './authority/x509.ts';
import { shareRefused } from './shared-address.ts';

/** Tried first, so that a link looks the same from day to day. */
const USUAL_PORT = 8460;

export interface ShareWish {
  readonly service: string;
  readonly target: { readonly address: string; readonly port: number };
  /** Of this machine, as `sharedAddress` gave it. */
  readonly address: string;
  /** Undefined: the usual one, or any. */
  readonly port: number | undefined;
  readonly forMs: number;
  visited(address: string, admitted: boolean): void;
}

export interface Sharing {
  readonly report: ShareReport;
  readonly ended: Promise<void>;
  close(): void;
}

/** Errors: SHARE_REFUSED. */
export async function startSharing(wish: ShareWish, now: number): Promise<Sharing> {
  const { service, address } = wish;
  const until = now + wish.forMs;
  const { certificate, key } = await makeForAddress(address, now, until);
  const token = randomBytes(16).toString('base64url');
  const options = { ...wish, certificate, key, token, until };
  const share = await open(wish.port === undefined ? [USUAL_PORT, 0] : [wish.port], (port) =>
    openShare({ ...options, port }),
  ).catch((error: NodeJS.ErrnoException) => {
    const place = `${address}${wish.port === undefined ? '' : ` port ${wish.port}`}`;
    const fix =
      wish.port === undefined
        ? 'choose another with --address'
        : `\`lo why ${wish.port}\` says who is there; without --port a free one is taken`;
    throw shareRefused(`${place} could not be had (${error.code ?? error.message})`, fix);
  });
  const host = address.includes(':') ? `[${address}]` : address;
  const report: ShareReport = {
    schema: 1,
    service,
    address,
    port: share.port,
    url: `https://${host}:${share.port}/?${TOKEN_PARAMETER}=${token}`,
    fingerprint: new X509Certificate(certificate).fingerprint256,
    until: new Date(until).toISOString(),
  };
  return { report, ended: share.ended, close: () => share.close() };
}

async function open(ports: readonly number[], at: (port: number) => Promise<Share>): Promise<Share> {
  const [port = 0, ...others] = ports;
  try {
    return await at(port);
  } catch (error) {
    if (others.length === 0) throw error;
    return await open(others, at);
  }
}
