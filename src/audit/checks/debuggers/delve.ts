/** Delve without a terminal (`dlv --headless`). Source: its documentation, "API/json-rpc". */

import type { ListenerContext } from '../../check.ts';
import { dig, parsed } from '../../probe/json.ts';
import type { ConnectOptions } from '../../probe/wire.ts';
import { notApplicable, type Outcome, vulnerable } from '../../verdict.ts';

export async function lookAtDelve(
  { connect, nonce }: ListenerContext,
  patience: ConnectOptions,
): Promise<Outcome> {
  const id = Buffer.from(nonce()).readUIntBE(1, 3);
  const wire = await connect(patience);
  wire.send(`{"method":"RPCServer.GetVersion","params":[{}],"id":${id}}\n`);
  const { bytes } = await wire.receive((all) => all.includes('\n') || (all[0] ?? BRACE) !== BRACE);
  wire.close();
  const answer = parsed(bytes.toString('utf8'));
  const version = dig(answer, 'result', 'DelveVersion');
  if (typeof version !== 'string' || dig(answer, 'id') !== id)
    return notApplicable('it does not speak the protocol of Delve');
  return vulnerable(
    'proven',
    [
      `it told its version to a stranger: ${version.split('\n')[0]}`,
      'the answer has the number of this very request: it takes commands without a password',
    ],
    {
      fix: 'start it with `--listen 127.0.0.1:PORT` and without `--only-same-user=false`, only while somebody debugs',
    },
  );
}

const BRACE = '{'.charCodeAt(0);
