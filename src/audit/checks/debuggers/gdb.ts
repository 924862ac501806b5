/** Servers of GDB's remote protocol (gdbserver, lldb-server, QEMU). Source: GDB's manual, "Remote Protocol". */

import type { ListenerContext } from '../../check.ts';
import type { ConnectOptions } from '../../probe/wire.ts';
import { notApplicable, type Outcome, vulnerable } from '../../verdict.ts';

export async function lookAtGdb({ connect }: ListenerContext, patience: ConnectOptions): Promise<Outcome> {
  const wire = await connect(patience);
  try {
    wire.send(packet('qSupported'));
    const supported = packetsIn(
      (await wire.receive((all) => packetsIn(all).length > 0 || !isBegun(all))).bytes,
    );
    if (!supported.some((body) => /(?:^|;)PacketSize=[0-9a-f]+/i.test(body)))
      return notApplicable('it does not speak the remote protocol of GDB');
    // Whoever speaks it answers what it cannot know with an empty packet: the manual made this one for that.
    wire.send(`+${packet('vMustReplyEmpty')}`);
    const unknown = packetsIn((await wire.receive((all) => packetsIn(all).length > 0)).bytes);
    if (unknown[0] !== '') return notApplicable('it answers what no debug server knows');
    return vulnerable(
      'proven',
      [
        'it told what it supports (`qSupported`), with a right checksum',
        'it answered an unknown packet as the protocol asks: it takes commands without a password',
      ],
      {
        fix: 'use no port: `target remote | gdbserver - PROGRAM` in gdb (`| ssh HOST gdbserver - …` from elsewhere). gdbserver listens on every address, whatever host it is told',
      },
    );
  } finally {
    wire.close();
  }
}

function packet(body: string): string {
  return `$${body}#${checksum(body)}`;
}

function checksum(body: string): string {
  let sum = 0;
  for (const character of body) sum = (sum + character.charCodeAt(0)) % 256;
  return sum.toString(16).padStart(2, '0');
}

function isBegun(bytes: Buffer): boolean {
  return bytes.length === 0 || '+$'.includes(String.fromCharCode(bytes[0] ?? 0));
}

/** Those with a right checksum. */
function packetsIn(bytes: Buffer): readonly string[] {
  const found = bytes.toString('latin1').matchAll(/\$([^#$]*)#([0-9a-f]{2})/gi);
  return [...found].flatMap(([, body = '', sum = '']) =>
    checksum(body) === sum.toLowerCase() ? [body] : [],
  );
}
