/** MQTT 3.1.1 and 5, as far as coming in and subscribing go. Pure. Source: the OASIS standards, chapters 2 and 3. */

export interface MqttPacket {
  /** The upper half of the first byte: 2 CONNACK, 9 SUBACK, 13 PINGRESP. */
  readonly type: number;
  readonly body: Buffer;
}

export type MqttVersion = 4 | 5;

/** Without user and password; the session ends with the connection. */
export function connectPacket(version: MqttVersion, clientId: string): Buffer {
  const [cleanStart, keepAlive] = [0x02, 10];
  const head = Buffer.concat([
    text('MQTT'),
    Buffer.of(version, cleanStart, 0, keepAlive),
    properties(version),
  ]);
  return packet(0x10, Buffer.concat([head, text(clientId)]));
}

export function subscribePacket(version: MqttVersion, topic: string): Buffer {
  return packet(0x82, Buffer.concat([Buffer.of(0, 1), properties(version), text(topic), Buffer.of(0)]));
}

export const PING: Buffer = Buffer.of(0xc0, 0);
export const DISCONNECT: Buffer = Buffer.of(0xe0, 0);

/** The whole ones, up to where it is no packet any more. */
export function readMqtt(bytes: Buffer): readonly MqttPacket[] {
  const packets: MqttPacket[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const length = bytes[at + 1] ?? 0;
    // Longer ones have a second byte of length; answers to us have none.
    if (length > 127 || at + 2 + length > bytes.length) break;
    packets.push({ type: (bytes[at] ?? 0) >> 4, body: bytes.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return packets;
}

function packet(first: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(first, body.length), body]);
}

function properties(version: MqttVersion): Buffer {
  return Buffer.alloc(version === 5 ? 1 : 0);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(0, bytes.length), bytes]);
}
