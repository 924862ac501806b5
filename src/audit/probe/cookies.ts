/** Cookies as a reply sets them. Pure; it must not judge them. */

import type { Reply } from './reply.ts';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Lower case; null: not said. */
  readonly sameSite: string | null;
  readonly httpOnly: boolean;
  readonly secure: boolean;
}

export function cookiesOf({ fields }: Pick<Reply, 'fields'>): readonly Cookie[] {
  return fields.flatMap(({ name, value }) => (name === 'set-cookie' ? [cookieOf(value)] : []));
}

function cookieOf(line: string): Cookie {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  const attributes = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim().toLowerCase(), value.trim().toLowerCase()];
    }),
  );
  return {
    name: equals < 0 ? '' : pair.slice(0, equals),
    value: pair.slice(equals + 1),
    sameSite: attributes.get('samesite') ?? null,
    httpOnly: attributes.has('httponly'),
    secure: attributes.has('secure'),
  };
}
