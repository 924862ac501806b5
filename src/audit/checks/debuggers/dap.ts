/** Servers of the Debug Adapter Protocol (debugpy, lldb-dap, js-debug). Source: its specification, "Base protocol" and `initialize`. */

import type { ListenerContext } from '../../check.ts';
import { isProgram } from '../../fixes/programs.ts';
import { dig, parsed } from '../../probe/json.ts';
import type { ConnectOptions } from '../../probe/wire.ts';
import { inconclusive, notApplicable, type Outcome, vulnerable } from '../../verdict.ts';

export async function lookAtDap(context: ListenerContext, patience: ConnectOptions): Promise<Outcome> {
  const number = Buffer.from(context.nonce()).readUIntBE(1, 3);
  // They take one client after the other, and need a moment to see that the last one has gone.
  const tries = (await greetsAsDap(context)) ? MOST_TRIES : 1;
  for (let count = 0; count < tries; count += 1)
    if (await answers(number, tries > 1, context, patience))
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
  if (tries === 1) return notApplicable('it does not speak the Debug Adapter Protocol');
  if (!isProgram(context.target, ADAPTERS))
    return inconclusive('it greets as a debug adapter does, and took no second client');
  return vulnerable('behavioural', [
    'it greets with numbered messages of the Debug Adapter Protocol, and asks for no token',
    'its command line starts a debug adapter; it was still busy with the client before when `initialize` was sent',
  ]);
}

const ADAPTERS = /\b(?:debugpy|lldb-dap|codelldb|js-debug)\b/;
const MOST_TRIES = 3;

async function answers(
  number: number,
  greets: boolean,
  { connect }: ListenerContext,
  patience: ConnectOptions,
): Promise<boolean> {
  const wire = await connect(patience);
  try {
    const greeting = greets
      ? (await wire.receive((all) => messagesIn(all).length > 0)).bytes
      : Buffer.alloc(0);
    if (greets && greeting.length === 0) return false;
    wire.send(initialize(number));
    // A message may have come by half.
    const whole = (all: Buffer): Buffer => Buffer.concat([greeting, all]);
    const { bytes } = await wire.receive(
      (all) => messagesIn(whole(all)).some((one) => isAnswer(one, number)) || !isFramed(whole(all)),
    );
    return messagesIn(whole(bytes)).some((message) => isAnswer(message, number));
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
