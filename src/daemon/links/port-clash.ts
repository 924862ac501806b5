/** A program that could not have its port because a listener of ours has it on one address: said as what it is. */

import { LoopyardError } from '../../core/errors.ts';
import type { LinkStatistics } from '../../core/link.ts';
import type { Warning } from '../../core/status.ts';
import type { ServiceRuntime } from '../runtime.ts';

/** A stack of Node's comes after the line that tells. */
const LINES = 30;

export interface ClashHost {
  readonly tools: {
    readonly logs: { tail(name: string, lines: number): Promise<readonly string[]> };
    links(): readonly LinkStatistics[];
  };
  logName(service: string): string;
  runtime(service: string): Pick<ServiceRuntime, 'told'>;
  warn(service: string, warning: Warning): void;
}

/** After a program ended badly. */
export async function noteClash(host: ClashHost, service: string): Promise<void> {
  const links = host.tools.links();
  if (links.length === 0) return;
  const ports = Object.values(host.runtime(service).told).map(({ port }) => port);
  const tail = await host.tools.logs.tail(host.logName(service), LINES);
  const warning = portClash(service, ports, tail, links);
  if (warning !== null) host.warn(service, warning);
}

const REFUSED = /EADDRINUSE|address (?:is )?already in use|errno 98\b/i;

/** Null: it said nothing of the kind, or no link has such a port. `tail`: its last lines of output. */
export function portClash(
  service: string,
  ports: readonly number[],
  tail: readonly string[],
  links: readonly LinkStatistics[],
): Warning | null {
  if (!tail.some((line) => REFUSED.test(line))) return null;
  const ours = links.find(({ listening, listen }) => listening && ports.includes(listen.port));
  if (ours === undefined) return null;
  const { address, port } = ours.listen;
  const link = ours.id.slice(ours.id.indexOf('/') + 1);
  const error = new LoopyardError('LINK_HOLDS_PORT', { service, port, link, address });
  return { code: 'LINK_HOLDS_PORT', text: error.message, fix: error.hint };
}
