/** STO-08: an MQTT broker takes whoever comes. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor } from '../fixes/programs.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import type { ConnectOptions, Wire } from '../probe/wire.ts';
import {
  connectPacket,
  DISCONNECT,
  type MqttPacket,
  type MqttVersion,
  PING,
  readMqtt,
  subscribePacket,
} from '../protocols/mqtt.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const sto08: ListenerCheck = {
  id: 'STO-08',
  title: 'The MQTT broker takes clients without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'high' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['other', 'silent', 'tls'],
  requests: 2,
  fix: 'refuse clients without a user and a password',
  probe:
    'Connects without a user (MQTT 3.1.1, then 5), pings, subscribes to a random topic and leaves. Nothing is published.',
  rule: 'Vulnerable when the broker takes the client and the subscription. Safe when it says "not authorized", or refuses the subscription.',
  examine: async (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    const outcome = await comeIn(context, 4, patience);
    return outcome === OTHER_VERSION
      ? ((await comeIn(context, 5, patience)) ?? NOT_MQTT)
      : (outcome ?? NOT_MQTT);
  },
};

const HABIT: Habit = {
  ports: [1883, 1884, 8883],
  program: /\b(?:mosquitto|emqx|nanomq|vernemq|rumqttd|aedes|hivemq)\b/,
  waits: true,
};
const [CONNACK, SUBACK, PINGRESP] = [2, 9, 13];
const NOT_MQTT = notApplicable('it does not speak MQTT');
const OTHER_VERSION = inconclusive('it speaks another version of MQTT');

/** Null: it is no MQTT. */
async function comeIn(
  { connect, nonce, target }: ListenerContext,
  version: MqttVersion,
  patience: ConnectOptions,
): Promise<Outcome | null> {
  const wire = await connect(patience);
  try {
    const word = nonce();
    wire.send(connectPacket(version, `lo${word}`.slice(0, 23)));
    const refused = judge(await hear(wire, 1), version);
    if (refused !== 'accepted') return refused;
    wire.send(Buffer.concat([PING, subscribePacket(version, `loopyard/${word}`)]));
    return judgeSession(await hear(wire, 2), fixFor(target, FIXES) ?? sto08.fix);
  } finally {
    wire.send(DISCONNECT);
    wire.close();
  }
}

async function hear(wire: Wire, count: number): Promise<readonly MqttPacket[]> {
  const { bytes } = await wire.receive((all) => readMqtt(all).length >= count || !isAnswer(all));
  return readMqtt(bytes);
}

function isAnswer(bytes: Buffer): boolean {
  return bytes.length === 0 || [0x20, 0x90, 0xd0].includes(bytes[0] ?? 0);
}

function judge([first]: readonly MqttPacket[], version: MqttVersion): Outcome | 'accepted' | null {
  const code = first?.body[1];
  if (first?.type !== CONNACK || code === undefined || first.body.length < 2) return null;
  if (code === 0) return first.body[0] === 0 ? 'accepted' : null;
  if (REFUSED.includes(code)) return safe(`it refuses clients without a password (code ${code})`);
  if (WRONG_VERSION.includes(code) && version === 4) return OTHER_VERSION;
  return inconclusive(`it takes no client now (code ${code})`);
}

/** 3.1.1: bad user or password, not authorized. 5: the same, and banned, bad method. */
const REFUSED: readonly number[] = [4, 5, 0x86, 0x87, 0x8a, 0x8c];
const WRONG_VERSION: readonly number[] = [1, 0x84];

/** The order of the two answers is the broker's. */
function judgeSession(packets: readonly MqttPacket[], fix: string): Outcome {
  const pong = packets.some(({ type, body }) => type === PINGRESP && body.length === 0);
  const granted = packets.find(({ type }) => type === SUBACK)?.body;
  if (!pong || granted === undefined) return inconclusive('it takes clients, and answers nothing more');
  const code = granted.at(-1) ?? 0x80;
  if (granted[1] !== 1 || code >= 0x80) return safe('clients without a password may subscribe to nothing');
  return vulnerable(
    'proven',
    ['a client without a user was taken (CONNACK 0)', 'its subscription to a random topic was granted'],
    { fix },
  );
}

const FIXES = [
  {
    program: /\bmosquitto\b/,
    fix: 'set `allow_anonymous false` and `password_file PATH` in mosquitto.conf (users are made by `mosquitto_passwd`)',
  },
];
