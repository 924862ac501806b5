/**
 * The environment variables of a service, as pinned: where to listen, where its needs are, what the file says. Pure; it must not
 * know processes or how addresses were leased.
 */

import { resolve } from 'node:path';
import type { Protocol, Service } from '../core/model.ts';

export interface EndpointPlace {
  readonly name: string;
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** Where a service is, for those who need it. */
export interface ServicePlace {
  readonly service: string;
  readonly endpoints: readonly EndpointPlace[];
}

/** `<NEED>_HOST`, `<NEED>_PORT`, `<NEED>_<ENDPOINT>_PORT`, `<NEED>_URL`. */
export function needVariables(place: ServicePlace): Record<string, string> {
  const first = place.endpoints[0];
  if (first === undefined) return {};
  const prefix = variableName(place.service);
  const variables: Record<string, string> = {
    [`${prefix}_HOST`]: first.host,
    [`${prefix}_PORT`]: String(first.port),
    [`${prefix}_URL`]: first.url,
  };
  for (const endpoint of place.endpoints)
    variables[`${prefix}_${variableName(endpoint.name)}_PORT`] = String(endpoint.port);
  return variables;
}

/** `HOST`, `PORT`, `PORT_<ENDPOINT>` of the service itself. */
export function listenVariables(
  service: Service,
  host: string,
  ports: Readonly<Record<string, number>>,
): Record<string, string> {
  const first = service.endpoints[0];
  if (first === undefined) return {};
  const variables: Record<string, string> = { HOST: host, PORT: String(ports[first.name] ?? first.port) };
  for (const endpoint of service.endpoints) {
    variables[`PORT_${variableName(endpoint.name)}`] = String(ports[endpoint.name] ?? endpoint.port);
  }
  return variables;
}

/** What every program inherits of the caller: all but Loopyard's own variables. Colours survive, since output is no terminal. */
export function inheritedVariables(caller: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(caller).filter(([name]) => !name.startsWith('LOOPYARD_'));
  const colour =
    caller.NO_COLOR === undefined && caller.FORCE_COLOR === undefined ? { FORCE_COLOR: '1' } : {};
  return { ...Object.fromEntries(kept), ...colour };
}

/** Node programs trust the names of other services, beside what the caller or the config has them trust. */
export function trustVariables(
  extra: (given: string | undefined) => string | null,
  own: Readonly<Record<string, string>>,
  cwd: string,
): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS: given } = own;
  const file = extra(given === undefined || given === '' ? undefined : resolve(cwd, given));
  return file === null ? {} : { NODE_EXTRA_CA_CERTS: file };
}

/** Upper case, `-` -> `_`. */
export function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
