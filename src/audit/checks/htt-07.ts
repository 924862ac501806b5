/** HTT-07: a server takes requests that can be read in two ways; behind a proxy that reads them the other way, requests can be smuggled. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { type Ambiguity, ambiguities, nextRequest, nonsense, wellFormed } from '../probe/conformance.ts';
import { DEBUG_DOOR, isDebugDoor } from '../probe/debug-door.ts';
import { parseReply, type Reply } from '../probe/reply.ts';
import { inconclusive, NO_END, notApplicable, safe, vulnerable } from '../verdict.ts';

export const htt07: ListenerCheck = {
  id: 'HTT-07',
  title: 'Takes requests that can be read in two ways (smuggling)',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: true,
  references: ['CWE-444', 'https://www.rfc-editor.org/rfc/rfc9112#section-6.3'],
  speaks: ['http', 'https'],
  requests: 15,
  fix: 'answer with 400 and close the connection when Content-Length or Transfer-Encoding is malformed, doubled or contradicted; alone on localhost it harms nobody, behind a proxy it does',
  probe:
    'Sends a GET with a body (OPTIONS where that is refused), eleven malformed variants of it (two lengths, `+2`, `xchunked`, a space before the colon, `0x3`, a hidden CR, both framings, a folded line, bare LF, no Host, HTTP/1.0) and one line of nonsense, each with an honest request behind it on the same connection.',
  rule: 'Vulnerable when a variant that RFC 9112 asks servers to refuse is answered as the honest request is, and the request behind it gets what it should. Variants that the RFC allows to take are named beside it and are no finding alone; neither are two Hosts, which nearly every server takes.',
  examine: async (context) => {
    const { http, nonce, target } = context;
    if (!(await http.control()).whole) return inconclusive(NO_END);
    if (await isDebugDoor(http)) return notApplicable(DEBUG_DOOR);
    const { authority } = http;
    const next = nextRequest(authority, `/${nonce()}`);
    const control = await compared(next, context);
    if (control === null) return inconclusive('no request with a body gets an answer to compare with');
    if (control === 'closes') return safe('it closes the connection after each request');
    if (isTaken(await pair(nonsense(nonce()), context), control.first, context))
      return inconclusive('it answers nonsense as it answers requests');
    const taken: Ambiguity[] = [];
    for (const form of ambiguities(control.method, authority, next)) {
      const answers = await pair(form.bytes, context);
      if (isTaken(answers, control.first, context) && goesOn(answers, control.second, context))
        taken.push(form);
    }
    const wrong = taken.filter(({ refusal }) => refusal === 'must');
    const [first] = wrong;
    if (first === undefined)
      return safe(
        `requests that must be refused are${taken.length > 0 ? `; it takes ${words(taken)}, which is allowed` : ''}`,
      );
    return vulnerable(
      'behavioural',
      [
        `taken as an honest request, against RFC 9112: ${words(wrong)}`,
        'the request behind it was answered as well: where the first one ends is a matter of opinion',
        ...(taken.length > wrong.length
          ? [`taken as well, which is allowed: ${words(taken.filter((form) => !wrong.includes(form)))}`]
          : []),
      ],
      { fix: fixFor(target, FIXES) ?? htt07.fix },
    );
  },
};

/** Some servers refuse a body with GET; OPTIONS asks for nothing either. Null: they take neither. */
async function compared(next: string, context: ListenerContext): Promise<Compared | 'closes' | null> {
  let closes = false;
  for (const method of ['GET', 'OPTIONS']) {
    const { first, second } = await pair(wellFormed(method, context.http.authority, next), context);
    if (first === null || first.status >= 500 || first.status === 400) continue;
    if (second !== null) return { method, first, second };
    closes = true;
  }
  return closes ? 'closes' : null;
}

interface Compared {
  readonly method: string;
  readonly first: Reply;
  /** To the honest request behind it. */
  readonly second: Reply;
}

interface Pair {
  readonly first: Reply | null;
  readonly second: Reply | null;
}

async function pair(bytes: string, { connect, http: { tls } }: ListenerContext): Promise<Pair> {
  const wire = await connect(tls === null ? {} : { tls });
  try {
    wire.send(bytes);
    const received = await wire.receive((all) => pairIn(all).second?.whole === true);
    return pairIn(received.bytes);
  } finally {
    wire.close();
  }
}

function pairIn(bytes: Buffer): Pair {
  const first = parseReply(bytes);
  return { first, second: first?.whole === true ? parseReply(bytes.subarray(first.length)) : null };
}

function isTaken({ first }: Pair, control: Reply, { http }: ListenerContext): boolean {
  return first !== null && http.isAlike(first, control);
}

/** A server may answer before it sees the mistake; what it says then is 400, and not what the next request should get. */
function goesOn({ second }: Pair, honest: Reply, { http }: ListenerContext): boolean {
  return second !== null && http.isAlike(second, honest);
}

function words(forms: readonly Ambiguity[]): string {
  return forms.map(({ form }) => form).join(', ');
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\b(?:node|tsx|nodemon)\b/,
    fix: 'take `insecureHTTPParser: true` and `--insecure-http-parser` out: the default parser refuses all of it',
  },
  { program: /\bgunicorn\b/, fix: 'update gunicorn to 22.0 or later' },
];
