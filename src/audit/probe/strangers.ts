/**
 * How a server that asks for no password meets web pages of other sites: whoever lets them in is open to every page that its user
 * visits; whoever turns them away is open to programs of this machine alone. It must not know what there is to see.
 */

import { isReachableFromNetwork, type Target } from '../target.ts';
import { type Outcome, type Signs, safe, vulnerable } from '../verdict.ts';
import type { Http, Request } from './http.ts';
import { header, type Reply } from './reply.ts';

const HOST = 'rebind-check.example';
const ORIGIN = 'http://evil.example';

/** What strangers can do, in words; empty: nothing. `honest`: what an honest request got. `STRANGER_REQUESTS` at most. */
async function strangerSigns(http: Http, request: Request, honest: Reply): Promise<readonly string[]> {
  const rebound = await http.request({ ...request, host: HOST });
  const crossed = await http.request({ ...request, headers: { ...request.headers, origin: ORIGIN } });
  const allowed = header(crossed, 'access-control-allow-origin');
  return [
    ...(http.isAlike(honest, rebound, [HOST])
      ? ['a foreign host name gets the same answer (DNS rebinding)']
      : []),
    ...(crossed.status < 400 && (allowed === '*' || allowed === ORIGIN)
      ? [`pages of other sites may read the answer (Access-Control-Allow-Origin: ${allowed})`]
      : []),
  ];
}

export const STRANGER_REQUESTS = 2;

interface Shown {
  readonly target: Target;
  readonly http: Http;
  readonly request: Request;
  readonly honest: Reply;
  /** What the server is and shows, without a password. */
  readonly sign: string;
  readonly more: Parameters<typeof vulnerable>[2];
}

/** Safe: only programs of this machine can ask. */
export async function forStrangers({ target, http, request, honest, sign, more }: Shown): Promise<Outcome> {
  const [first, ...rest] = [...(await strangerSigns(http, request, honest)), ...networkSigns(target)];
  if (first === undefined) return safe(`${sign}, and pages of other sites are turned away`);
  const signs: Signs = [sign, first, ...rest];
  return vulnerable('behavioural', signs, more);
}

export function networkSigns(target: Target): readonly string[] {
  return isReachableFromNetwork(target) ? [`other machines reach it at ${target.reachableAt[0]}`] : [];
}
