/**
 * Who is let in at a share: whoever has its whole link once, and then the browser that was given its cookie. Nobody else learns what is
 * behind it. Pure; it must not know sockets nor routes.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Answer } from '../http1/compose.ts';
import type { RequestHead } from '../http1/request-head.ts';

/** Of the link; it leaves the address bar at the first visit. */
export const TOKEN_PARAMETER = 'lo-token';

export interface Admission {
  /** SHA-256 of the token. */
  readonly digest: Buffer;
  /** Browsers keep cookies by address without port: two shares need two names. */
  readonly cookie: string;
  /** Seconds that it is shared yet. */
  readonly left: number;
}

export type Verdict =
  | { readonly kind: 'enter' }
  /** With the whole link, for the first time: sent on to the same place, with a cookie in place of the token. */
  | { readonly kind: 'welcome'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly answer: Answer };

export function admit(head: RequestHead, { digest, cookie, left }: Admission): Verdict {
  const { path, token } = withoutToken(head.target);
  if (token !== null && isRight(token, digest))
    return { kind: 'welcome', answer: welcome(head.fields.hostField, path, `${cookie}=${token}`, left) };
  const known = cookiesOf(head.fields.kept, cookie).some((value) => isRight(value, digest));
  // A link of another time does not shut out who is in already.
  if (known) return { kind: 'enter' };
  return { kind: 'refused', answer: REFUSED };
}

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function isRight(token: string, digest: Buffer): boolean {
  return timingSafeEqual(digestOf(token), digest);
}

/** The first one counts and all are taken out. */
function withoutToken(target: string): { readonly path: string; readonly token: string | null } {
  const at = target.indexOf('?');
  if (at < 0) return { path: target, token: null };
  const parts = target.slice(at + 1).split('&');
  const start = `${TOKEN_PARAMETER}=`;
  const token = parts.find((part) => part.startsWith(start));
  if (token === undefined) return { path: target, token: null };
  const rest = parts.filter((part) => !part.startsWith(start)).join('&');
  return { path: target.slice(0, at) + (rest === '' ? '' : `?${rest}`), token: token.slice(start.length) };
}

/** `kept`: field lines, each with its CRLF. */
function cookiesOf(kept: string, name: string): readonly string[] {
  return kept
    .split('\r\n')
    .filter((line) => /^cookie:/i.test(line))
    .flatMap((line) => line.slice('cookie:'.length).split(';'))
    .map((one) => one.trim())
    .filter((one) => one.startsWith(`${name}=`))
    .map((one) => one.slice(name.length + 1));
}

const PLAIN =
  'Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n';

/** An absolute address: a path that begins with two slashes would name another host. `Lax`: forms of other pages carry no cookie. */
function welcome(host: string, path: string, cookie: string, left: number): Answer {
  return {
    status: 303,
    reason: 'See Other',
    fields: `Location: https://${host}${path}\r\nSet-Cookie: ${cookie}; Path=/; Max-Age=${left}; HttpOnly; Secure; SameSite=Lax\r\n${PLAIN}`,
    body: '',
  };
}

const REFUSED: Answer = {
  status: 403,
  reason: 'Forbidden',
  fields: PLAIN,
  body: '403 Forbidden: this address takes those who have its whole link.\n',
};
