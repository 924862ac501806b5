/**
 * Looks again at the sockets of runs that are up: programs open ports after they are ready, and some never do. Less and less often,
 * so that an old run costs nothing. It must not decide what a look means (`survey-warnings.ts`).
 */

import { currentRun, type ServiceLife } from '../core/lifecycle.ts';
import type { Service } from '../core/model.ts';
import type { RunRef, Supervisor } from '../supervisor/supervisor.ts';
import type { ServiceRuntime } from './runtime.ts';
import { isOfSurvey, surveyWarnings } from './survey-warnings.ts';

/** What the surveyor needs of the environment. */
export interface SurveyHost {
  readonly tools: { readonly supervisor: Supervisor; report(error: unknown): void };
  service(name: string): Service | undefined;
  life(name: string): ServiceLife;
  runtime(name: string): ServiceRuntime;
  runRef(service: string, run: number): RunRef;
  update(service: string, change: Partial<ServiceRuntime>): void;
}

/** Looks fall on whole seconds, so that services that came up together are looked at in one read of all processes and sockets. */
const GRID_MS = 1000;
const FIRST_MS = GRID_MS;
const GROWTH = 3;
/** The longest pause that a timer takes. */
const MOST_MS = 2 ** 31 - 1;

export class Surveyor {
  readonly #host: SurveyHost;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(host: SurveyHost) {
    this.#host = host;
  }

  /** The run is up. Looks at an earlier run of the service are over. */
  begin(service: string, run: number): void {
    clearTimeout(this.#timers.get(service));
    this.#timers.delete(service);
    if (this.#host.service(service)?.task === false) this.#plan(service, run, FIRST_MS);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #plan(service: string, run: number, inMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(service);
      const { life } = this.#host.life(service);
      if (currentRun(life) !== run) return;
      // While it stops it closes what it serves.
      if (life.state === 'ready' || life.state === 'running') this.#look(service, run, inMs === FIRST_MS);
      this.#plan(service, run, inMs * GROWTH);
    }, toGrid(inMs));
    // Nobody waits for a look.
    timer.unref();
    this.#timers.set(service, timer);
  }

  #look(name: string, run: number, isFirst: boolean): void {
    const host = this.#host;
    const definition = host.service(name);
    const known = host.runtime(name);
    if (definition === undefined || known.pid === null) return;
    try {
      const { told, pid } = known;
      const survey = host.tools.supervisor.survey({ run: host.runRef(name, run), pid, told });
      // A port that is opened a moment after the first is nothing to speak of; one that was spoken of still is.
      const spare = isFirst && !known.warnings.some(({ code }) => code === 'ENDPOINT_UNSERVED');
      const counted = spare ? { ...survey, unserved: [] } : survey;
      this.#note(name, known, surveyWarnings(definition, known, counted));
    } catch (error) {
      // The next look may be luckier; the service is not worse for it.
      host.tools.report(error);
    }
  }

  #note(name: string, { warnings }: ServiceRuntime, found: ServiceRuntime['warnings']): void {
    const before = warnings.filter(({ code }) => isOfSurvey(code));
    if (JSON.stringify(before) === JSON.stringify(found)) return;
    this.#host.update(name, { warnings: [...warnings.filter(({ code }) => !isOfSurvey(code)), ...found] });
  }
}

function toGrid(inMs: number): number {
  const now = performance.now();
  return Math.min(Math.ceil((now + inMs) / GRID_MS) * GRID_MS - now, MOST_MS);
}
