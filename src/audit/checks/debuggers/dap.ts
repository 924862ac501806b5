/** Servers of the Debug Adapter Protocol (debugpy, lldb-dap, js-debug). Source: its specification, "Base protocol" and `initialize`. */

import type { ListenerContext } from '../../check.ts';
import { dig, parsed } from '../../probe/json.ts';
import type { ConnectOptions } from '../../probe/wire.ts';
import { notApplicable, type Outcome, vulnerable } from '../../verdict.ts';

export async function lookAtDap(context: ListenerContext, patience: ConnectOptions): Promise<Outcome> {
  const { connect, nonce } = context;
  const number = Buffer.from(nonce()).readUIntBE(1, 3);
  const wire = await connect(patience);
  try {
    wire.send(initialize(number));
    const { bytes } = await wire.receive(
      (all) => messagesIn(all).some((one) => isAnswer(one, number)) || !isFramed(all),
    );
    if (!messagesIn(bytes).some((message) => isAnswer(message, number)))
      return notApplicable('it does not speak the Debug Adapter Protocol');
    return vulnerable(
      'proven',
      [
        'it speaks the Debug Adapter Protocol',
        '`initialize` was answered with the number of this very request, and no token was asked for',
      ],
      {
        fix: "let it listen on loopback only and only while somebody debugs (`debugpy.listen(('127.0.0.1', 5678))`, `--listen 127.0.0.1:5678`)",
      },
    );
  } finally {
    wire.close();
  }
}

/** Some greet, at once or only after a while. Whoever greets otherwise is none. */
export async function greetsAsDap({ garbage }: ListenerContext): Promise<boolean> {
  return messagesIn(await garbage()).some(isDap);
}

/** Nothing is launched or attached by it. */
function initialize(seq: number): string {
  const body = JSON.stringify({
    seq,
    type: 'request',
    command: 'initialize',
    arguments: { clientID: 'loopyard', adapterID: 'loopyard', pathFormat: 'path' },
  });
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
}

function isFramed(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, 15);
  return 'Content-Length:'.startsWith(start) || start === 'Content-Length:';
}

function messagesIn(bytes: Buffer): readonly unknown[] {
  const messages: unknown[] = [];
  let rest = bytes;
  for (;;) {
    const head = /^Content-Length: (\d{1,6})\r\n\r\n/.exec(rest.toString('latin1', 0, 64));
    if (head === null) return messages;
    const from = head[0].length;
    const end = from + Number(head[1]);
    if (end > rest.length) return messages;
    messages.push(parsed(rest.toString('utf8', from, end)));
    rest = rest.subarray(end);
  }
}

/** A language server is framed alike, and speaks JSON-RPC. */
function isDap(message: unknown): boolean {
  return typeof dig(message, 'seq') === 'number' && typeof dig(message, 'type') === 'string';
}

function isAnswer(message: unknown, number: number): boolean {
  return isDap(message) && dig(message, 'type') === 'response' && dig(message, 'request_seq') === number;
}
