/** What the engine accepts of some bytes, and what it passes on of that: what another parser's reading is held against. */

import { METHODS } from 'node:http';
import { bodyReader } from '../../src/gateway/http1/body-reader.ts';
import { composeFields, composeRequest, forwardedFields } from '../../src/gateway/http1/compose.ts';
import { nextRequest } from '../../src/gateway/http1/next-request.ts';
import type { RequestHead } from '../../src/gateway/http1/request-head.ts';
import { writeMessage } from '../../src/gateway/http1/writing.ts';

const ORIGIN = { address: '127.0.0.1', secure: true, port: 443 };
const KNOWN = new Set(METHODS);

export interface Accepted {
  readonly head: RequestHead;
  readonly pieces: readonly Buffer[];
  /** As many of the bytes as it and those before it are. */
  readonly end: number;
}

/** Whole requests until one is refused, is not whole, or ends the connection. */
export function acceptedRequests(bytes: Buffer): readonly Accepted[] {
  const accepted: Accepted[] = [];
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.subarray(at);
    const next = nextRequest(rest);
    if (next.kind !== 'request') break;
    const { head } = next;
    // Others have a list of methods; the engine takes any token. What follows cannot be compared.
    if (!KNOWN.has(head.method)) break;
    const pieces: Buffer[] = [];
    const { framing, keepAlive } = head.fields;
    const step = bodyReader(framing).read(rest, next.end, (piece) => pieces.push(piece));
    if (typeof step === 'string') break;
    if (!step.done && !(framing.kind === 'length' && framing.length === 0)) break;
    at += step.end;
    accepted.push({ head, pieces, end: at });
    if (!keepAlive) break;
  }
  return accepted;
}

/** What the program behind is sent. */
export function passedOn(accepted: readonly Accepted[]): Buffer {
  const sent: Buffer[] = [];
  const outflow = {
    write: (data: string | Buffer) =>
      sent.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : data) > 0,
  };
  for (const { head, pieces } of accepted) {
    const { fields } = head;
    const chunked = fields.framing.kind === 'chunked';
    writeMessage(outflow, {
      head: composeRequest(head, composeFields(fields, forwardedFields(ORIGIN, fields.hostField))),
      pieces,
      chunked,
      last: true,
    });
  }
  return Buffer.concat(sent);
}
