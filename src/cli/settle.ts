/**
 * Follows a request until everything is settled, showing its progress, and turns a bad outcome into an error with the last lines of
 * those who failed. It must not know which command asked.
 */

import type { Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Outcome, ServiceStatus, WatchEvent } from '../core/status.ts';
import { formatDuration } from '../core/units.ts';
import type { Context } from './command.ts';
import { persistent } from './persistent.ts';
import { safe } from './printer/text.ts';
import type { Board } from './view/board.ts';
import { type Goal, showProgress } from './view/progress.ts';
import { reasonText } from './view/service-text.ts';

export interface SettleRequest {
  readonly goal: Goal;
  /** `again`: the former daemon died on the way, and this one adopted what it left. */
  open(workbench: Workbench, again: boolean): AsyncIterable<WatchEvent>;
  /** ms; absent: as long as it takes. */
  readonly timeoutMs?: number;
}

/** The board as it was when everything was settled. Errors: NOT_READY, and those of the request. */
export async function settle(context: Context, request: SettleRequest): Promise<Board> {
  const progress = showProgress(context, request.goal);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<'expired'>((resolve) => {
    if (request.timeoutMs !== undefined) timer = setTimeout(resolve, request.timeoutMs, 'expired');
  });
  try {
    const consumed = consume(context, request, (event) => progress.take(event));
    const ended = await Promise.race([consumed, expired]);
    if (ended === 'expired' && progress.board.outcome === null) {
      // The request goes on unread until the process ends; its failure then is nobody's any more.
      consumed.catch(() => undefined);
      throw timedOut(progress.board, request.timeoutMs ?? 0);
    }
  } finally {
    clearTimeout(timer);
    progress.end();
  }
  const { outcome } = progress.board;
  if (outcome !== null && !outcome.good) throw notReady(outcome);
  return progress.board;
}

async function consume(
  context: Context,
  request: SettleRequest,
  take: (event: WatchEvent) => void,
): Promise<'ended'> {
  for await (const event of persistent(context, request.open)) take(event);
  return 'ended';
}

export function notReady(outcome: Outcome): LoopyardError {
  const names = outcome.bad.map((bad) => bad.service);
  return new LoopyardError(
    'NOT_READY',
    {
      count: names.length === 1 ? '1 service is' : `${names.length} services are`,
      services: names.join(', '),
      first: names[0] ?? '',
    },
    outcome.bad.flatMap(failureLines),
  );
}

/** A service that did not get there: its state and reason, its last lines, where all of them are. */
export function failureLines(bad: Outcome['bad'][number]): readonly string[] {
  const reason = bad.reason === null ? '' : `: ${safe(bad.reason)}`;
  const lines = [
    `${safe(bad.service)} ${bad.state}${reason}`,
    ...bad.warnings.flatMap((warning) => [
      `  ${warning.code}: ${safe(warning.text)}`,
      `  fix: ${safe(warning.fix)}`,
    ]),
    ...bad.tail.map((line) => `  | ${line}`),
  ];
  // Who never ran has no output to read.
  return bad.state === 'skipped' || bad.state === 'pending' ? lines : [...lines, `  log: ${bad.log}`];
}

export function timedOut(board: Board, timeoutMs: number): LoopyardError {
  const waiting = board.services.filter((service) => !isThere(service) && service.state !== 'idle');
  const bad = waiting.map((service) => ({
    service: service.name,
    state: service.state,
    reason: reasonText(service) || `after ${formatDuration(timeoutMs)}`,
    warnings: service.warnings,
    tail: [],
    log: service.log,
  }));
  return notReady({ good: false, bad });
}

function isThere(service: ServiceStatus): boolean {
  return (
    service.state === 'ready' ||
    service.state === 'completed' ||
    (service.state === 'running' && !service.task)
  );
}
