/** Short texts about one service: where it is reached, how long it took, why it is as it is. Pure. */

import type { EndpointStatus, ServiceStatus } from '../../core/status.ts';
import { formatDuration } from '../../core/units.ts';
import { safe } from '../printer/text.ts';

/** What a person copies: the URL where a browser takes it, else address and port. */
export function endpointText(endpoint: EndpointStatus): string {
  const { protocol, address, port, url } = endpoint;
  if (protocol === 'http' || protocol === 'https') return safe(url);
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** The first endpoint; further ones are told in `lo ps --json`. */
export function addressText(service: ServiceStatus): string {
  const [first] = service.endpoints;
  return first === undefined ? '' : endpointText(first);
}

/** `web is at https://web.shop.localhost`: the first name of each service that has one and runs. */
export function nameLines(services: readonly ServiceStatus[]): readonly string[] {
  return services.flatMap(({ name, state, endpoints: [first] }) => {
    const [url] = first?.names ?? [];
    return url === undefined || !(state === 'ready' || state === 'running')
      ? []
      : [`${safe(name)} is at ${safe(url)}`];
  });
}

/** How long the start took; while it goes on, how long it has taken so far. */
export function elapsedText(service: ServiceStatus, now: number): string {
  switch (service.state) {
    case 'starting':
    case 'stopping':
    case 'pending':
      return `${(Math.max(0, now - Date.parse(service.since)) / 1000).toFixed(1)}s`;
    case 'ready':
    case 'running':
    case 'completed':
      return service.startupMs === null ? '' : formatDuration(service.startupMs);
    default:
      return '';
  }
}

/** How long it has been in its state: `5m07s`. */
export function sinceText(service: ServiceStatus, now: number): string {
  if (service.state === 'idle') return '';
  // Whole seconds: it is read, not measured.
  const seconds = Math.max(0, Math.floor((now - Date.parse(service.since)) / 1000));
  return seconds < 60 ? `${seconds}s` : formatDuration(seconds * 1000);
}

/** One line, or nothing. */
export function reasonText(service: ServiceStatus): string {
  const reason = service.reason === null ? '' : safe(service.reason);
  if (reason !== '') return reason;
  const { exit } = service;
  if (exit === null || service.state === 'completed' || service.state === 'stopped') return '';
  return service.state === 'failed' ? exitText(exit) : '';
}

function exitText(exit: NonNullable<ServiceStatus['exit']>): string {
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  return exit.code === null ? 'ended, nobody saw how' : `exited with code ${exit.code}`;
}

function restartsText(service: ServiceStatus): string {
  if (service.restarts === 0) return '';
  return service.restarts === 1 ? 'restarted once' : `restarted ${service.restarts} times`;
}

/** Reason and restarts together, for the last column. */
export function noteText(service: ServiceStatus): string {
  return [reasonText(service), restartsText(service)].filter((part) => part !== '').join(', ');
}
