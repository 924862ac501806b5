/** What it means when a program listens wider or elsewhere than it was told, and the fix. Pure. */

import type { Service } from '../core/model.ts';
import type { Warning } from '../core/status.ts';
import type { Listening } from '../supervisor/supervisor.ts';
import type { Placement } from './placement.ts';
import { isOfSurvey } from './survey-warnings.ts';

type Listenings = Readonly<Record<string, Listening>>;

export function listeningWarnings(
  service: Service,
  placement: Placement,
  listening: Listenings,
): readonly Warning[] {
  return Object.entries(listening).flatMap(([endpoint, found]) => {
    const warning = warningOf(service, placement, endpoint, found);
    return warning === null ? [] : [warning];
  });
}

/** Warnings about where a program listens; they are over when it is. */
export function outlivesRun({ code }: Warning): boolean {
  return code !== 'LISTENS_WIDE' && code !== 'LISTENS_ELSEWHERE' && !isOfSurvey(code);
}

/** What others dial to reach a listener; `host` is where the service was told to be. `::` may be for IPv6 alone. */
export function dialable(address: string, host: string): string {
  if (address === '0.0.0.0') return host;
  return address === '::' ? '::1' : address;
}

/** Given a leased port, it listened at its usual one: moving it does not work. */
export function seenIgnoringPort(service: Service, placement: Placement, listening: Listenings): boolean {
  return service.endpoints.some((endpoint) => {
    const found = Object.hasOwn(listening, endpoint.name) ? listening[endpoint.name] : undefined;
    if (found === undefined || found.kind === 'as-told') return false;
    return found.port !== placement.ports[endpoint.name];
  });
}

function warningOf(
  service: Service,
  placement: Placement,
  endpoint: string,
  found: Listening,
): Warning | null {
  const port = placement.ports[endpoint];
  switch (found.kind) {
    case 'as-told':
      return null;
    case 'wide':
      return wide(service, placement.host, port, found);
    case 'elsewhere':
      if (dialable(found.address, placement.host) !== found.address)
        return wide(service, placement.host, port, found);
      return {
        code: 'LISTENS_ELSEWHERE',
        text: `${service.name} was told ${placement.host}:${port}, but listens on ${bracket(found.address)}:${found.port}; a second environment cannot start it there`,
        fix: fixFor(service, placement.host, port),
      };
    default:
      return found satisfies never;
  }
}

function wide(
  service: Service,
  host: string,
  port: number | undefined,
  found: { readonly address: string; readonly port: number },
): Warning {
  const other = found.port === port ? '' : `, and not on port ${port} as it was told`;
  return {
    code: 'LISTENS_WIDE',
    text: `${service.name} listens on every address (${bracket(found.address)}:${found.port})${other}: others on this network can reach it, and port ${found.port} is taken on every loopback address`,
    fix: fixFor(service, host, port),
  };
}

function fixFor(service: Service, host: string, port: number | undefined): string {
  const told = `make it listen on $HOST:$PORT (here ${host}:${port})`;
  return service.bind === 'as-is'
    ? `${told}, or remove \`bind: as-is\``
    : `${told}, e.g. \`server.listen(process.env.PORT, process.env.HOST)\``;
}

function bracket(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
