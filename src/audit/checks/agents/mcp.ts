/**
 * Servers of the Model Context Protocol over HTTP: whether a web page of another site could call their tools. Source: the protocol's
 * specification, "Transports" (2025-06-18, and 2024-11-05 for the older one). No tool is listed or called.
 */

import type { ListenerContext } from '../../check.ts';
import { isLikeMiss } from '../../probe/door.ts';
import { compose, type Request } from '../../probe/http.ts';
import { dig, parsed } from '../../probe/json.ts';
import { bodyText, header, parseReply, type Reply } from '../../probe/reply.ts';
import { networkSigns } from '../../probe/strangers.ts';
import { ProbeFailure } from '../../probe/wire.ts';
import { notApplicable, type Outcome, safe, vulnerable } from '../../verdict.ts';

/** As a page of another site sends them after rebinding its name to this machine. */
const FOREIGN = { host: 'rebind-check.example', headers: { origin: 'http://rebind-check.example' } };
const FIX =
  'refuse foreign Host and Origin: in the TypeScript SDK `allowedHosts` with `enableDnsRebindingProtection: true` (1.24 or later), in the Python SDK `TransportSecuritySettings`';

/** The transport of today: one path, POST. `MCP_REQUESTS` at most. */
export async function lookAtMcp(context: ListenerContext, path: string): Promise<Outcome> {
  const { nonce, target } = context;
  if (!(await isWorthPost(context, path))) return notApplicable(`it has no ${path} to post to`);
  const id = nonce();
  const honest = await initialize(context, path, id);
  if (honest.status === 401 || honest.status === 403) return safe(`${path} is refused (${honest.status})`);
  if (!isInitialized(honest, id)) return notApplicable(`${path} does not speak MCP`);
  await leave(context, path, honest);
  const rebound = await initialize(context, path, id, FOREIGN);
  const isOpen = isInitialized(rebound, id);
  if (isOpen) await leave(context, path, rebound);
  return verdict(`\`initialize\` at ${path} is answered without a token`, isOpen, networkSigns(target));
}

export const MCP_REQUESTS = 6;

/** Nothing is posted to a path that is like any other, or is a page: a server of MCP refuses GET there, or gives a stream. */
async function isWorthPost(context: ListenerContext, path: string): Promise<boolean> {
  const reply = await ask(context, { path }, isHeadOfStream);
  if (isStream(reply) || REFUSE_GET.includes(reply.status))
    return !(await isLikeMiss(context.http, reply, path));
  if (reply.status !== 404 || path === '/') return false;
  const options = await ask(context, { method: 'OPTIONS', path }, () => true);
  return /\bPOST\b/.test(header(options, 'allow') ?? '');
}

const REFUSE_GET: readonly number[] = [400, 401, 403, 405, 406];

/** The older transport: a stream of events that begins with the place to post to. */
export async function lookAtMcpEvents(context: ListenerContext): Promise<Outcome> {
  const path = '/sse';
  const honest = await ask(context, { path }, isFirstEvent);
  if (honest.status === 401 || honest.status === 403) {
    const isLocked = !(await isLikeMiss(context.http, honest, path));
    return isLocked ? safe(`${path} is refused (${honest.status})`) : notApplicable(`it has no ${path}`);
  }
  if (!isEndpoint(honest)) return notApplicable(`${path} is no stream of MCP`);
  const rebound = await ask(context, { path, ...FOREIGN }, isFirstEvent);
  return verdict(
    `a session at ${path} is given without a token`,
    isEndpoint(rebound),
    networkSigns(context.target),
  );
}

export const MCP_EVENT_REQUESTS = 2;

function verdict(sign: string, isOpen: boolean, network: readonly string[]): Outcome {
  const [first, ...rest] = [
    ...(isOpen
      ? ['a foreign Host and Origin get the same, so every web page can call its tools (DNS rebinding)']
      : []),
    ...network,
  ];
  if (first === undefined) return safe('a foreign Host and Origin are refused');
  return vulnerable('proven', [sign, first, ...rest], { fix: FIX });
}

function initialize(context: ListenerContext, path: string, id: string, as: Request = {}): Promise<Reply> {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'loopyard-audit', version: '1' },
  };
  const request: Request = {
    ...as,
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...as.headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'initialize', params }),
  };
  return ask(context, request, (reply) => reply.whole || answerIn(reply, id) !== undefined);
}

/** What was begun is ended: servers that keep sessions would keep it. */
async function leave(context: ListenerContext, path: string, reply: Reply): Promise<void> {
  const session = header(reply, 'mcp-session-id');
  if (session === null) return;
  await ask(context, { method: 'DELETE', path, headers: { 'mcp-session-id': session } }, () => true);
}

function isInitialized(reply: Reply, id: string): boolean {
  const result = dig(answerIn(reply, id), 'result');
  return typeof dig(result, 'protocolVersion') === 'string' && dig(result, 'serverInfo') !== undefined;
}

/** The message with this id, as JSON or as an event; undefined: it is not there. */
function answerIn(reply: Reply, id: string): unknown {
  const text = bodyText(reply);
  const events = text.split(/\r?\n/).flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []));
  return [text, ...events].map(parsed).find((message) => dig(message, 'id') === id);
}

function isHeadOfStream(reply: Reply): boolean {
  return reply.whole || isStream(reply);
}

function isFirstEvent(reply: Reply): boolean {
  return reply.whole || (isStream(reply) && /\n\r?\n/.test(bodyText(reply)));
}

function isEndpoint(reply: Reply): boolean {
  return reply.status === 200 && isStream(reply) && /^event: ?endpoint\r?$/m.test(bodyText(reply));
}

function isStream(reply: Reply): boolean {
  return /^text\/event-stream/.test(header(reply, 'content-type') ?? '');
}

/** Streams do not end: what is enough is the caller's to say. */
async function ask(
  { connect, speech, target }: ListenerContext,
  request: Request,
  enough: (reply: Reply) => boolean,
): Promise<Reply> {
  const wire = await connect(speech === 'https' ? { tls: {} } : {});
  try {
    wire.send(compose(request, target.authority));
    const { bytes, end } = await wire.receive((all) => {
      const reply = parseReply(all);
      return reply !== null && enough(reply);
    });
    const reply = parseReply(bytes);
    if (reply === null) throw new ProbeFailure(`no answer (${end})`);
    return reply;
  } finally {
    wire.close();
  }
}
