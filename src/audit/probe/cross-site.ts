/**
 * A POST as the server's own page sends it, and as browsers let a page of another site send it without asking first. It must not judge
 * answers.
 */

import { cookiesOf } from './cookies.ts';
import type { Http } from './http.ts';
import type { Reply } from './reply.ts';

export interface Posted {
  readonly by: 'own page' | 'other site';
  /** Null: without a Content-Type, as `fetch` sends a Blob that has none. */
  readonly type: string | null;
  /** The end of the body is missing. */
  readonly broken?: boolean;
}

export type Post = (path: string, posted: Posted) => Promise<Reply>;

/** `page`: where a browser got its cookies. */
export function poster(http: Http, page: Reply, nonce: () => string): Post {
  const cookies = cookiesOf(page);
  const own = `${http.tls === null ? 'http' : 'https'}://${http.authority}`;
  const foreign = `http://${nonce()}.example`;
  // One word for all: an answer that repeats it stays comparable.
  const word = nonce();
  return async (path, { by, type, broken = false }) => {
    const isOwn = by === 'own page';
    const origin = isOwn ? own : foreign;
    // What a browser gives along to other sites: whatever does not forbid it, since not every browser takes Lax for granted.
    const given = cookies.filter(({ sameSite }) => isOwn || sameSite === null || sameSite === 'none');
    return await http.request({
      method: 'POST',
      path,
      headers: {
        origin,
        referer: `${origin}/`,
        'sec-fetch-site': isOwn ? 'same-origin' : 'cross-site',
        'sec-fetch-mode': isOwn ? 'cors' : 'no-cors',
        'sec-fetch-dest': 'empty',
        ...(type === null ? {} : { 'content-type': type }),
        ...(given.length === 0
          ? {}
          : { cookie: given.map(({ name, value }) => `${name}=${value}`).join('; ') }),
      },
      body: bodyOf(type, word, broken),
    });
  };
}

function bodyOf(type: string | null, word: string, broken: boolean): string {
  if (type?.includes('form') === true) return `${word}=1`;
  return broken ? `{"${word}":` : `{"${word}":1}`;
}
