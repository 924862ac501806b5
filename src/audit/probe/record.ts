/** Keeps what goes over a connection, up to a limit: the evidence of findings. It must not know who sends, nor what is secret. */

import type { Wire } from './wire.ts';

/** Grows while the connection lives. */
export interface RecordedExchange {
  readonly tls: boolean;
  readonly sent: Buffer;
  readonly received: Buffer;
  readonly end: string;
}

type Growing = { -readonly [key in keyof RecordedExchange]: RecordedExchange[key] };

const NOTHING: Buffer = Buffer.alloc(0);
/** Of each direction; findings show less. */
const MOST_KEPT = 16_384;

export interface Recording {
  readonly into: RecordedExchange[];
  /** Of what is received, the head of an HTTP reply alone is kept. */
  readonly confidential: boolean;
  closed(): void;
}

export function recorded(wire: Wire, { into, confidential, closed }: Recording): Wire {
  const exchange: Growing = { tls: wire.tls !== null, sent: NOTHING, received: NOTHING, end: 'open' };
  into.push(exchange);
  return {
    tls: wire.tls,
    send(bytes) {
      const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
      exchange.sent = kept(exchange.sent, all);
      wire.send(all);
    },
    async receive(enough, withinMs) {
      const received = await wire.receive(enough, withinMs);
      exchange.received = kept(exchange.received, confidential ? headOf(received.bytes) : received.bytes);
      exchange.end = received.end;
      return received;
    },
    close() {
      closed();
      wire.close();
    },
  };
}

function headOf(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n');
  const from = end < 0 ? 0 : end + 4;
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(`(${bytes.length - from} bytes, not kept)`)]);
}

function kept(before: Buffer, more: Buffer): Buffer {
  return Buffer.concat([before, more.subarray(0, Math.max(0, MOST_KEPT - before.length))]);
}
