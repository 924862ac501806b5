/** STO-10: a broker, or what keeps a cluster together, takes whoever comes. One conversation for each protocol stands in `brokers/`. */

import type { ListenerCheck } from '../check.ts';
import { openDoor } from '../probe/door.ts';
import { atOnce, FEW, inTurn } from '../probe/looks.ts';
import { lookAtCassandra } from './brokers/cassandra.ts';
import { BROKER_DOORS } from './brokers/doors.ts';
import { lookAtKafka } from './brokers/kafka.ts';
import { lookAtNats } from './brokers/nats.ts';
import { lookAtZookeeper } from './brokers/zookeeper.ts';

export const sto10: ListenerCheck = {
  id: 'STO-10',
  title: 'A broker or a cluster service answers without a login',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'high' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['http', 'https', 'greets', 'other', 'silent'],
  requests: BROKER_DOORS.length,
  fix: 'turn its authentication on',
  probe: `Kafka: the brokers of the cluster. ZooKeeper: the nodes below \`/\`. CQL (Cassandra): a row of \`system.local\`. NATS: a ping. Over HTTP, where the home page is theirs: ${BROKER_DOORS.map(({ name }) => name).join(', ')}.`,
  rule: 'Vulnerable when the protocol is recognised and the answer to this very request comes without a login. Safe when a login is asked for, or the request is refused.',
  examine: (context) => {
    const { http, speech } = context;
    if (speech === 'http' || speech === 'https')
      return inTurn(
        BROKER_DOORS.map((door) => () => openDoor(http, door)),
        FEW,
      );
    if (speech === 'greets') return lookAtNats(context);
    return atOnce([lookAtKafka, lookAtZookeeper, lookAtCassandra].map((look) => () => look(context)));
  },
};
