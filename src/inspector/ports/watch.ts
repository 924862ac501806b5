/**
 * `lo ports --watch`: the listeners, then what changes. The kernel tells nobody about listeners, so the tables are read again, each
 * second at most, and only while somebody reads what is found.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { PortsRequest } from '../../core/api.ts';
import type { PortsEvent, PortsReport } from '../../core/inspection.ts';
import type { InspectorTools } from '../look.ts';
import { changesBetween } from './changes.ts';
import { ports } from './ports.ts';

const PERIOD_MS = 1000;
/** Where a look takes long, it may take this part of all time. */
const MOST_OF_TIME = 1 / 4;

export function watchPorts(
  tools: InspectorTools,
  request: PortsRequest,
): AsyncIterableIterator<PortsEvent, undefined> {
  return new PortsWatch(tools, { ...request, all: false });
}

/** Not a generator: that would go on looking until the next change after its reader has left. */
class PortsWatch implements AsyncIterableIterator<PortsEvent, undefined> {
  readonly #tools: InspectorTools;
  readonly #request: PortsRequest;
  readonly #left = new AbortController();
  #last: PortsReport | null = null;
  #waiting: readonly PortsEvent[] = [];
  #pause = 0;

  constructor(tools: InspectorTools, request: PortsRequest) {
    this.#tools = tools;
    this.#request = request;
  }

  async next(): Promise<IteratorResult<PortsEvent, undefined>> {
    while (!this.#left.signal.aborted) {
      const [event, ...others] = this.#waiting;
      this.#waiting = others;
      if (event !== undefined) return { value: event, done: false };
      await this.#look();
    }
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<PortsEvent, undefined>> {
    this.#left.abort();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #look(): Promise<void> {
    await this.#rest();
    if (this.#left.signal.aborted) return;
    const from = performance.now();
    const report = await ports(this.#tools, this.#request);
    this.#pause = Math.max(PERIOD_MS, (performance.now() - from) / MOST_OF_TIME);
    this.#waiting = this.#eventsOf(report);
    this.#last = report;
  }

  async #rest(): Promise<void> {
    if (this.#pause === 0) return;
    try {
      await delay(this.#pause, undefined, { signal: this.#left.signal });
    } catch (error) {
      // The reader left, which ends the pause.
      if (!this.#left.signal.aborted) throw error;
    }
  }

  #eventsOf(report: PortsReport): readonly PortsEvent[] {
    const at = new Date(this.#tools.now()).toISOString();
    if (this.#last === null) return [{ type: 'snapshot', at, report }];
    const { opened, closed, changed } = changesBetween(this.#last.listeners, report.listeners);
    return [
      ...closed.map((listener): PortsEvent => ({ type: 'closed', at, listener })),
      ...changed.map(({ before, listener }): PortsEvent => ({ type: 'changed', at, listener, before })),
      ...opened.map((listener): PortsEvent => ({ type: 'opened', at, listener })),
    ];
  }
}
