/** What a look at all sockets of a run means: a declared port that nobody serves, an undeclared one that is open to all. Pure. */

import type { Service } from '../core/model.ts';
import type { Warning, WarningCode } from '../core/status.ts';
import type { Survey } from '../supervisor/supervisor.ts';
import type { ServiceRuntime } from './runtime.ts';
import { variableName } from './variables.ts';

type Known = Pick<ServiceRuntime, 'placement' | 'told' | 'listening'>;

export function isOfSurvey(code: WarningCode): boolean {
  return code === 'ENDPOINT_UNSERVED' || code === 'LISTENS_UNDECLARED';
}

export function surveyWarnings(service: Service, runtime: Known, survey: Survey): readonly Warning[] {
  return [...unserved(service, runtime, survey), ...undeclared(service, runtime, survey)];
}

/** One that was found elsewhere is served, and has a warning of its own. */
function unserved(service: Service, { told, listening }: Known, survey: Survey): readonly Warning[] {
  const missing = survey.unserved.filter((endpoint) => listening[endpoint] === undefined);
  if (missing.length === 0) return [];
  const places = missing.map((endpoint) => {
    const { address, port } = told[endpoint] ?? {};
    return `${endpoint} (${address}:${port})`;
  });
  const names = missing.map((endpoint) => variableOf(service, endpoint));
  const what = missing.length === 1 ? 'an endpoint' : 'endpoints';
  return [
    {
      code: 'ENDPOINT_UNSERVED',
      text: `${service.name} declares ${what} that nobody serves: ${places.join(', ')}`,
      fix: `make it listen on $HOST and ${names.join(', ')}, or remove ${missing.join(', ')} from \`port:\``,
    },
  ];
}

function undeclared(service: Service, runtime: Known, survey: Survey): readonly Warning[] {
  const { placement, listening } = runtime;
  const declared = new Set(Object.values(placement?.ports ?? {}));
  for (const found of Object.values(listening)) if (found.kind !== 'as-told') declared.add(found.port);
  const extra = survey.wide.filter(({ port }) => !declared.has(port));
  const [first] = extra;
  if (first === undefined) return [];
  const places = extra.map(({ address, port }) => `${address === '::' ? '[::]' : address}:${port}`);
  return [
    {
      code: 'LISTENS_UNDECLARED',
      text: `${service.name} listens on every address (${places.join(', ')}), which it does not declare: others on this network can reach it, and port ${first.port} is taken on every loopback address`,
      fix: declaration(service, first.port, placement?.host),
    },
  ];
}

function declaration(service: Service, port: number, host: string | undefined): string {
  if (service.endpoints.length === 0) return `declare it: \`port: ${port}\``;
  const declared = service.endpoints.map((endpoint) => `${endpoint.name}: ${endpoint.port}`);
  const place = host === undefined ? '$HOST' : `$HOST (here ${host})`;
  return `declare it too, e.g. \`port: { ${declared.join(', ')}, other: ${port} }\`, or make it listen on ${place}`;
}

function variableOf(service: Service, endpoint: string): string {
  return service.endpoints[0]?.name === endpoint ? '$PORT' : `$PORT_${variableName(endpoint)}`;
}
