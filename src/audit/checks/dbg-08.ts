/** DBG-08: a Java service shows its insides by the endpoints of Spring Boot Actuator or Jolokia. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { isLikeMiss, openDoor } from '../probe/door.ts';
import { dig, isRecord, jsonOf, listOf } from '../probe/json.ts';
import { inTurn } from '../probe/looks.ts';
import type { Reply } from '../probe/reply.ts';
import { notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const dbg08: ListenerCheck = {
  id: 'DBG-08',
  title: 'Management endpoints show the insides of a service',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'high' },
  intrusive: false,
  references: ['CWE-497', 'CWE-306'],
  speaks: ['http', 'https'],
  requests: 3,
  fix: 'set `management.endpoints.web.exposure.include=health` (and `info`), or have Spring Security ask for a role at `/actuator/**`',
  probe:
    'Reads the index of `/actuator` and one endpoint that it names; `/jolokia/version`. Dumps are never fetched: they stop the service.',
  rule: 'Vulnerable when the index names an endpoint beyond health, info and metrics, and such a one answers; or when Jolokia tells its version. Safe when the index names none of them.',
  examine: (context) => inTurn([() => actuator(context), () => openDoor(context.http, JOLOKIA)]),
};

/** From worst to least; those with a shape are cheap to ask, and change nothing. */
const TELLING: Readonly<Record<string, ((body: unknown) => boolean) | null>> = {
  heapdump: null,
  jolokia: null,
  shutdown: null,
  restart: null,
  gateway: null,
  env: (body) => listOf(dig(body, 'propertySources'), 'name') !== null,
  configprops: (body) => isRecord(dig(body, 'contexts')),
  beans: (body) => isRecord(dig(body, 'contexts')),
  mappings: (body) => isRecord(dig(body, 'contexts')),
  loggers: (body) => isRecord(dig(body, 'loggers')),
  threaddump: null,
  httpexchanges: null,
  httptrace: null,
  logfile: null,
  sessions: null,
};
/** `env` can have secrets in it, so it is asked last of those that prove the same. */
const ASKED = ['mappings', 'loggers', 'beans', 'configprops', 'env'];

async function actuator({ http }: ListenerContext): Promise<Outcome> {
  const index = await http.request({ path: '/actuator' });
  if (await isLikeMiss(http, index, '/actuator')) return notApplicable('it has no /actuator');
  if (index.status === 401 || index.status === 403) return safe(`/actuator is refused (${index.status})`);
  const links = dig(jsonOf(index), '_links');
  if (index.status !== 200 || !isRecord(links) || dig(links, 'self', 'href') === undefined)
    return notApplicable('/actuator is no index of endpoints');
  const open = Object.keys(TELLING).filter((name) => dig(links, name) !== undefined);
  if (open.length === 0) return safe('the index of /actuator names nothing that tells much');
  const named = `the index of /actuator names ${open.join(', ')}`;
  const asked = ASKED.find((name) => open.includes(name));
  if (asked === undefined)
    return vulnerable('behavioural', [named, 'a path that does not exist gets another answer']);
  const reply = await http.request({ path: `/actuator/${asked}` });
  if (reply.status === 401 || reply.status === 403)
    return safe(`/actuator/${asked} is refused (${reply.status})`);
  return isShaped(reply, asked)
    ? vulnerable('proven', [named, `\`/actuator/${asked}\` was given without a password`])
    : notApplicable(`/actuator/${asked} is no endpoint of Spring Boot`);
}

function isShaped(reply: Reply, name: string): boolean {
  return reply.status === 200 && TELLING[name]?.(jsonOf(reply)) === true;
}

const JOLOKIA = {
  name: 'Jolokia',
  request: { path: '/jolokia/version' },
  shows: (reply: Reply) =>
    dig(jsonOf(reply), 'status') === 200 && typeof dig(jsonOf(reply), 'value', 'agent') === 'string'
      ? 'the version of Jolokia, by which every MBean is read and called'
      : null,
  fix: 'give Jolokia a `user` and a `password`, or a jolokia-access.xml that lets nobody in but who has to',
  severity: { loopback: 'high', network: 'critical' } as const,
};
