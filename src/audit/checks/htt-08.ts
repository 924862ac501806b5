/** HTT-08: a few clients that begin a request and never end it keep a server from answering anybody else. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { DEBUG_DOOR, isDebugDoor } from '../probe/debug-door.ts';
import { compose } from '../probe/http.ts';
import { parseReply } from '../probe/reply.ts';
import { ProbeFailure, type Wire } from '../probe/wire.ts';
import { inconclusive, notApplicable, safe, vulnerable } from '../verdict.ts';

export const htt08: ListenerCheck = {
  id: 'HTT-08',
  title: 'Stalled clients keep it from answering',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'medium' },
  intrusive: true,
  references: ['CWE-400', 'CWE-770'],
  speaks: ['http', 'https'],
  requests: 240,
  fix: 'serve each connection independently of the others (threads, processes or events), and close those whose request does not come within some seconds',
  probe:
    'Opens 1, then 16, then 64 connections with half a request each, and sends an honest request beside them; closes them, and sends it again.',
  rule: 'Vulnerable when the honest request gets no answer within 3 s while others stall, gets one once they are gone, and both happen a second time. Slow answers are no finding.',
  examine: async (context) => {
    if (await isDebugDoor(context.http)) return notApplicable(DEBUG_DOOR);
    if (!(await isAnswered(context, PATIENT_MS))) return inconclusive('an honest request gets no answer');
    for (const clients of [1, 16, 64]) {
      if (!(await isBlockedBy(clients, context))) continue;
      if (!(await isBlockedBy(clients, context))) return inconclusive('it was blocked once, and not again');
      const who = clients === 1 ? 'one client that stalls' : `${clients} clients that stall`;
      return vulnerable(
        'proven',
        [
          `${who} after half a request: an honest one beside got no answer within ${BLOCKED_MS / 1000} s`,
          'it was answered as soon as the others were gone, and the same happened a second time',
        ],
        { fix: fixFor(context.target, FIXES) ?? htt08.fix },
      );
    }
    return safe('64 stalled clients keep nobody from an answer');
  },
};

const BLOCKED_MS = 3000;
/** With nobody in the way a slow server has its time. */
const PATIENT_MS = 10_000;

/** Blocked while they stall, and not any more when they are gone: so it is they, and not a server that is slow by itself. */
async function isBlockedBy(clients: number, context: ListenerContext): Promise<boolean> {
  const stalled: Wire[] = [];
  try {
    for (let count = 0; count < clients; count += 1) stalled.push(await stall(context));
    if (await isAnswered(context, BLOCKED_MS)) return false;
  } finally {
    for (const wire of stalled) wire.close();
  }
  return await isAnswered(context, PATIENT_MS);
}

async function stall({ connect, http: { authority } }: ListenerContext): Promise<Wire> {
  const wire = await connect();
  wire.send(`GET / HTTP/1.1\r\nHost: ${authority}\r\nX-Half: `);
  return wire;
}

/** A server that refuses more connections has its limit, and says so at once. */
async function isAnswered(
  { connect, http: { authority, tls } }: ListenerContext,
  withinMs: number,
): Promise<boolean> {
  try {
    const wire = await connect(tls === null ? {} : { tls });
    try {
      wire.send(compose({}, authority));
      const { end } = await wire.receive((bytes) => parseReply(bytes) !== null, withinMs);
      return end !== 'silent';
    } finally {
      wire.close();
    }
  } catch (error) {
    // Over TLS no handshake comes while it is blocked.
    if (error instanceof ProbeFailure) return error.code !== 'ETIMEDOUT';
    throw error;
  }
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\bpython/,
    fix: 'use `ThreadingHTTPServer` instead of `HTTPServer` (Werkzeug: `threaded=True`)',
  },
  { program: /\bphp\b.* -S\b/, fix: 'set `PHP_CLI_SERVER_WORKERS=4`' },
  {
    program: /\bgunicorn\b/,
    fix: 'start it with `--worker-class gthread --threads 8`, behind a proxy that buffers',
  },
];
