/** PostgreSQL's protocol 3.0 as far as the login goes. Pure. Source: its documentation, "Message Formats". */

export interface PostgresMessage {
  readonly type: string;
  readonly body: Buffer;
}

const VERSION_3 = 196_608;
/** Messages of a login are short. */
const LONGEST = 65_536;

export function startupMessage(user: string, database: string): Buffer {
  const parameters = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(VERSION_3, 4);
  return Buffer.concat([head, parameters]);
}

export const TERMINATE: Buffer = Buffer.from('X\0\0\0\x04', 'latin1');

/** The whole ones, up to where it is no message any more. */
export function readMessages(bytes: Buffer): readonly PostgresMessage[] {
  const messages: PostgresMessage[] = [];
  let at = 0;
  while (at + 5 <= bytes.length) {
    const length = bytes.readInt32BE(at + 1);
    if (length < 4 || length > LONGEST || at + 1 + length > bytes.length) break;
    messages.push({
      type: String.fromCharCode(bytes[at] ?? 0),
      body: bytes.subarray(at + 5, at + 1 + length),
    });
    at += 1 + length;
  }
  return messages;
}

/** Of an ErrorResponse: `C` SQLSTATE, `M` the message. */
export function errorFields(body: Buffer): ReadonlyMap<string, string> {
  const fields = body.toString('utf8').split('\0');
  return new Map(fields.filter(Boolean).map((field) => [field.slice(0, 1), field.slice(1)]));
}
