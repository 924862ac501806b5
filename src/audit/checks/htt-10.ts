/** HTT-10: a server forwards requests of strangers, repeats their headers, or tells about its inside when it stumbles. */

import type { Severity } from '../../core/audit.ts';
import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { DEBUG_DOOR, isDebugDoor } from '../probe/debug-door.ts';
import type { Request } from '../probe/http.ts';
import { bodyText, header } from '../probe/reply.ts';
import { stackTraceIn } from '../probe/stack-trace.ts';
import { inconclusive, NO_END, notApplicable, type Signs, safe, vulnerable } from '../verdict.ts';

export const htt10: ListenerCheck = {
  id: 'HTT-10',
  title: 'Forwards for strangers, or tells about its inside',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'high', network: 'critical' },
  intrusive: true,
  references: ['CWE-441', 'CWE-209', 'CWE-693'],
  speaks: ['http', 'https'],
  requests: 12,
  fix: 'forward only to targets of a list of your own, whatever host the request names; refuse CONNECT and TRACE with 405; answer errors with a page of your own instead of the stack',
  probe:
    'Asks it to fetch from a listener of Loopyard on 127.0.0.1, by a whole URL in the request line and by CONNECT; sends TRACE with a random header, a path and a query that are no valid encoding, a query that contradicts itself, a foreign host name, and broken JSON to a path that does not exist.',
  rule: 'Vulnerable (high) when our listener is contacted with a random word; low when TRACE repeats a random header as message/http, or one of the malformed ones gets a stack trace with paths that honest answers do not have. A version in `Server` or `X-Powered-By` is named beside a finding and is none alone.',
  examine: async (context) => {
    if (!(await context.http.control()).whole) return inconclusive(NO_END);
    if (await isDebugDoor(context.http)) return notApplicable(DEBUG_DOOR);
    const seen = (await forwards(context)) ?? (await repeats(context)) ?? (await stumbles(context));
    if (seen === null) return safe('it forwards nothing, repeats no headers and shows no stack');
    const version = await versionOf(context);
    const [first, second, ...more] = seen.signs;
    const fix = seen.severity === FORWARDING ? null : fixFor(context.target, FIXES);
    return vulnerable('proven', [first, second, ...more, ...(version === null ? [] : [version])], {
      severity: seen.severity,
      fix: fix ?? htt10.fix,
      key: seen.key,
    });
  },
};

interface Seen {
  readonly key: string;
  readonly signs: Signs;
  readonly severity: { readonly loopback: Severity; readonly network: Severity };
}

const FORWARDING: Seen['severity'] = { loopback: 'high', network: 'critical' };
const TELLING: Seen['severity'] = { loopback: 'low', network: 'low' };

async function forwards(context: ListenerContext): Promise<Seen | null> {
  const { http, canary, nonce } = context;
  const { port, visits } = await canary();
  const word = nonce();
  const place = `127.0.0.1:${port}`;
  const reply = await http.attempt({ path: `http://${place}/${word}`, host: place });
  const way =
    visits(word) > 0
      ? 'a whole URL in the request line'
      : (await tunnels(place, word, context))
        ? 'CONNECT'
        : null;
  if (way === null) return null;
  return {
    key: 'forwards',
    severity: FORWARDING,
    signs: [
      `by ${way} it was led to a listener of Loopyard that it did not know`,
      visits(word) > 1 || way === 'CONNECT'
        ? 'a random word came through'
        : `a random word came through, and the answer was ${reply?.status ?? 'none'}`,
    ],
  };
}

async function tunnels(
  place: string,
  word: string,
  { connect, canary, http: { tls } }: ListenerContext,
): Promise<boolean> {
  const wire = await connect(tls === null ? {} : { tls });
  try {
    wire.send(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
    const opened = await wire.receive((bytes) => bytes.includes('\r\n\r\n'));
    if (!/^HTTP\/1\.\d 2/.test(opened.bytes.toString('latin1'))) return false;
    wire.send(`GET /${word} HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
    const { content } = await canary();
    const { bytes } = await wire.receive((all) => all.includes(content.trim()));
    return bytes.includes(content.trim()) && (await canary()).visits(word) > 0;
  } finally {
    wire.close();
  }
}

/** RFC 9110 §9.3.8. Cookies and tokens that scripts may not see come back in a body that they may. */
async function repeats({ http, nonce }: ListenerContext): Promise<Seen | null> {
  const word = nonce();
  const headers = { 'x-trace-check': word };
  const reply = await http.attempt({ method: 'TRACE', headers });
  const isTrace = reply?.status === 200 && /message\/http/i.test(header(reply, 'content-type') ?? '');
  if (!isTrace || reply === null || !bodyText(reply).includes(word)) return null;
  // Whoever repeats everything is a tool for that.
  if (bodyText(await http.request({ headers })).includes(word)) return null;
  return {
    key: 'trace',
    severity: TELLING,
    signs: [
      'TRACE is answered with 200 and message/http',
      'a random header came back in the body, and GET repeats none',
    ],
  };
}

async function stumbles({ http, nonce }: ListenerContext): Promise<Seen | null> {
  const honest = [await http.control(), await http.miss('page'), await http.miss('data')];
  if (honest.some((one) => stackTraceIn(bodyText(one)) !== null)) return null;
  for (const { request, what } of malformed(nonce())) {
    const reply = await http.attempt(request);
    const trace = reply === null ? null : stackTraceIn(bodyText(reply));
    if (reply === null || trace === null) continue;
    return {
      key: 'stack',
      severity: TELLING,
      signs: [
        `${what} gets ${reply.status} with a stack trace (${trace})`,
        'it names files of the server; honest answers have none',
      ],
    };
  }
  return null;
}

/** At each of these another part of a server stumbles. None names anything that exists, but for the first page. */
function malformed(word: string): readonly { readonly request: Request; readonly what: string }[] {
  const json = { method: 'POST', path: `/${word}`, body: `{"${word}":` };
  return [
    { request: { path: '/%E0%A4%A' }, what: 'a path that is no valid encoding' },
    { request: { path: `/?${word}=%E0%A4%A` }, what: 'a query that is no valid encoding' },
    { request: { path: `/?${word}=1&${word}[a]=2` }, what: 'a query that contradicts itself' },
    { request: { host: `${word}.example` }, what: 'a foreign host name' },
    {
      request: { ...json, headers: { 'content-type': 'application/json' } },
      what: 'broken JSON, to a path that does not exist,',
    },
  ];
}

async function versionOf({ http }: ListenerContext): Promise<string | null> {
  const reply = await http.control();
  const name = ['server', 'x-powered-by'].find((one) => /\/?\d+\.\d+/.test(header(reply, one) ?? ''));
  return name === undefined ? null : `its version is told as well: \`${name}: ${header(reply, name)}\``;
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\b(?:node|tsx|nodemon)\b/,
    fix: 'start it with `NODE_ENV=production`, or end the Express app with an error handler: `app.use((error, req, res, next) => res.sendStatus(error.status ?? 500))`',
  },
  { program: /\bapache2|httpd\b/, fix: 'write `TraceEnable off`' },
  { program: /\b(?:django|manage\.py|flask)\b/, fix: 'switch debugging off: `DEBUG = False`, no `--debug`' },
];
