/**
 * A path of an HTTP server that shows something only its owner should see, and the way to look behind it. Checks bring the paths; this
 * file must not know them.
 */

import type { Severity } from '../../core/audit.ts';
import { notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';
import type { Http, Request } from './http.ts';
import type { Reply } from './reply.ts';

export interface Door {
  /** Of the product, as it stands in a sentence: `CouchDB`. */
  readonly name: string;
  readonly request: Request & { readonly path: string };
  /** Free of cost: what its home page says, or a path that does not exist. Absent: it is always worth asking. */
  readonly isLikely?: (pages: Pages) => boolean;
  /** What the answer shows, in words; null: it is none of this product. Status 200 is seen to. */
  readonly shows: (reply: Reply) => string | null;
  /** Refusals without a usual status. 401 and 403 are seen to. */
  readonly refuses?: (reply: Reply) => boolean;
  readonly fix: string;
  readonly severity?: { readonly loopback: Severity; readonly network: Severity };
}

/** What honest requests got that cost nothing. */
export interface Pages {
  readonly home: Reply;
  readonly miss: Reply;
}

/** One request at most. */
export async function openDoor(http: Http, door: Door): Promise<Outcome> {
  const { isLikely, request, shows, refuses, name, fix, severity } = door;
  if (isLikely !== undefined && !isLikely({ home: await http.control(), miss: await http.miss('data') }))
    return notApplicable(`it is no ${name}`);
  const reply = await http.request(request);
  if (await isLikeMiss(http, reply, request.path))
    return notApplicable(`${request.path} is a path like any other`);
  const what = `${request.method ?? 'GET'} ${request.path}`;
  if (reply.status === 401 || reply.status === 403 || refuses?.(reply) === true)
    return safe(`it refuses ${what} (${reply.status})`);
  const shown = reply.status === 200 ? shows(reply) : null;
  if (shown === null) return notApplicable(`it is no ${name}`);
  return vulnerable(
    'proven',
    [`${what}, without a password: ${shown}`, 'a path that does not exist gets another answer'],
    { fix, ...(severity === undefined ? {} : { severity }) },
  );
}

/** Many pages of errors repeat what they were asked. */
export async function isLikeMiss(http: Http, reply: Reply, path: string): Promise<boolean> {
  const plain = path.split('?')[0] ?? path;
  const echoed = [path, plain, path.slice(1), plain.slice(1)];
  for (const kind of ['data', 'page'] as const)
    if (http.isAlike(reply, await http.miss(kind), echoed)) return true;
  return false;
}
