/** `lo ports --watch`: the listeners, then what changes. */

import { setTimeout as delay } from 'node:timers/promises';
import type { PortsRequest } from '../../core/api.ts';
import type { ListenerDocument, PortsEvent } from '../../core/inspection.ts';
import type { InspectorTools } from '../look.ts';
import { ports } from './ports.ts';

/** The kernel tells nobody about listeners: someone has to look again. In ms. */
const PERIOD_MS = 1000;

export async function* watchPorts(
  tools: InspectorTools,
  request: PortsRequest,
): AsyncGenerator<PortsEvent, void> {
  const at = (): string => new Date(tools.now()).toISOString();
  let report = await ports(tools, request);
  yield { type: 'snapshot', at: at(), report };
  for (;;) {
    await delay(PERIOD_MS);
    const next = await ports(tools, request);
    const before = new Map(report.listeners.map((listener) => [keyOf(listener), listener]));
    const now = new Map(next.listeners.map((listener) => [keyOf(listener), listener]));
    for (const [key, listener] of now) if (!before.has(key)) yield { type: 'opened', at: at(), listener };
    for (const [key, listener] of before) if (!now.has(key)) yield { type: 'closed', at: at(), listener };
    report = next;
  }
}

function keyOf({ protocol, address, port, owners }: ListenerDocument): string {
  return `${protocol} ${address} ${port} ${owners.map(({ pid }) => pid).join()}`;
}
