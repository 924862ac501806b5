/**
 * One service of the file -> one of the model, as far as it can be told without looking at the others.
 */

import { resolve } from 'node:path';
import {
  type Command,
  DEFAULT_RESTART,
  type NameRule,
  type Need,
  NO_RESTART,
  type RestartPolicy,
  type Service,
  type StopPolicy,
  type Template,
  text,
} from '../../core/model.ts';
import { type PlacedPart, parseTemplate, type TemplateProblem, toTemplate } from '../../core/template.ts';
import { parseDuration } from '../../core/units.ts';
import type { Path } from '../reporter.ts';
import { readAccess } from './access.ts';
import { readCommand } from './command.ts';
import type { Context, Draft } from './draft.ts';
import { readEndpoints } from './endpoints.ts';
import { readFaults } from './faults.ts';
import { readReadiness } from './readiness.ts';
import { readOptions } from './recipe-options.ts';

/** A service, and the texts whose references are checked once all services are known. */
export interface ReadService {
  readonly draft: Draft;
  readonly service: Service;
  readonly texts: readonly { readonly path: Path; readonly parts: readonly PlacedPart[] }[];
}

export function readService(draft: Draft, context: Context): ReadService {
  const { raw } = draft;
  const texts: { path: Path; parts: readonly PlacedPart[] }[] = [];
  const note = (path: Path, parts: readonly PlacedPart[], problems: readonly TemplateProblem[]): void => {
    texts.push({ path, parts });
    for (const problem of problems)
      context.report.piece(path, problem, problem.message, problem.hint ?? undefined);
  };
  const endpoints = readEndpoints(draft, context);
  const task = raw.task ?? false;
  const service: Service = {
    name: draft.name,
    command: readWhatToRun(draft, context, note),
    cwd: resolve(context.root, raw.cwd ?? '.'),
    endpoints,
    needs: readNeeds(draft, context),
    env: readEnv(draft, context, note),
    envFiles: [raw['env-file'] ?? []].flat().map((file) => resolve(context.root, file)),
    ready: readReadiness(draft, endpoints, context),
    restart: readRestart(draft, task, context),
    stop: readStop(draft),
    task,
    bind: raw.bind ?? 'lease',
    data: raw.data === undefined ? null : resolve(context.root, raw.data),
    ...(raw.names === undefined ? {} : { names: [raw.names].flat().map(readNameRule) }),
    ...(raw.faults === undefined
      ? {}
      : { faults: readFaults(raw.faults, [...draft.path, 'faults'], context) }),
    ...readAccess(draft, endpoints, context),
  };
  return { draft, service, texts };
}

/** `*`, `web/api`: the schema has looked at its form. */
function readNameRule(text: string): NameRule {
  const slash = text.indexOf('/');
  if (slash < 0) return { kind: 'below' };
  return { kind: 'path', service: text.slice(0, slash), path: text.slice(slash) };
}

type Note = (path: Path, parts: readonly PlacedPart[], problems: readonly TemplateProblem[]) => void;

function readWhatToRun(draft: Draft, context: Context, note: Note): Command {
  const { raw, wrong, path, recipe } = draft;
  const { report } = context;
  const nothing: Command = { kind: 'exec', argv: [text('')] };
  if (raw.run !== undefined && raw.use !== undefined) {
    report.key(
      [...path, 'use'],
      '`run` and `use` exclude each other',
      'keep `run` for a command of your own, `use` for a recipe',
    );
  } else if (raw.run === undefined && raw.use === undefined && !wrong.has('run') && !wrong.has('use')) {
    report.key(
      path,
      `service \`${draft.name}\` has neither \`run\` nor \`use\``,
      'say what runs: `run: COMMAND`, or `use: RECIPE`',
    );
  }
  if (raw.with !== undefined && raw.use === undefined && !wrong.has('use')) {
    report.key(
      [...path, 'with'],
      '`with` goes with `use`',
      'arguments of a command stand behind it in `run:`',
    );
  }
  if (raw.use !== undefined && raw.task === true) {
    report.key([...path, 'task'], '`task` goes with `run`: recipes stay up');
  }
  if (recipe !== null)
    return { kind: 'recipe', recipe: recipe.name, options: readOptions(draft, recipe, context) };
  if (raw.run === undefined) return nothing;
  const { command, parts, problems } = readCommand(raw.run);
  note([...path, 'run'], parts, problems);
  return command ?? nothing;
}

function readEnv(draft: Draft, { report }: Context, note: Note): Readonly<Record<string, Template>> {
  return Object.fromEntries(
    Object.entries(draft.raw.env ?? {}).map(([name, value]) => {
      const path = [...draft.path, 'env', name];
      if (name.startsWith('LOOPYARD_')) {
        report.key(path, `\`${name}\` cannot be set: names that start with LOOPYARD_ are Loopyard’s own`);
      }
      // Numbers and booleans go on as they were written: `1.10` must not become `1.1`.
      if (typeof value !== 'string') return [name, text(report.source(path) ?? String(value))];
      const { parts, problems } = parseTemplate(value, 'value');
      note(path, parts, problems);
      return [name, toTemplate(parts)];
    }),
  );
}

/** `until` is `ready` here where the file is silent; whether the other is a task is not known yet. */
function readNeeds(draft: Draft, context: Context): readonly Need[] {
  const { report } = context;
  const { needs = [] } = draft.raw;
  if (!Array.isArray(needs)) {
    return Object.entries(needs).map(([service, value]) => {
      if (typeof value === 'string') return { service, until: value, direct: false };
      const { until = 'ready', direct = false } = value;
      const path = [...draft.path, 'needs', service, 'faults'];
      if (value.faults !== undefined && direct)
        report.value(path, `\`${service}\` is needed with \`direct: true\`: there is no link for faults`);
      const faults = readFaults(value.faults, path, context);
      return { service, until, direct, ...(faults.length === 0 ? {} : { faults }) };
    });
  }
  const seen = new Set<string>();
  return needs.flatMap((service, at) => {
    if (seen.has(service)) {
      report.value([...draft.path, 'needs', at], `\`${service}\` is needed twice`, 'remove one of the two');
      return [];
    }
    seen.add(service);
    return [{ service, until: 'ready', direct: false }];
  });
}

/** Whether the file says until when; a default depends on what the other service is. */
export function saysUntil({ raw: { needs } }: Draft, service: string): boolean {
  if (needs === undefined || Array.isArray(needs)) return false;
  const value = needs[service];
  return typeof value === 'string' || value?.until !== undefined;
}

function readRestart(draft: Draft, task: boolean, { report }: Context): RestartPolicy {
  const { restart } = draft.raw;
  const base = task ? NO_RESTART : DEFAULT_RESTART;
  if (restart === undefined) return base;
  const given = typeof restart === 'string' ? { policy: restart } : restart;
  const policy = given.policy ?? base.policy;
  if (task && policy === 'always') {
    report.value(
      [...draft.path, 'restart'],
      'restart: `always` would run a task for ever',
      'use `on-failure` or `never`',
    );
  }
  return { policy, backoffMs: milliseconds(given.backoff) ?? base.backoffMs, max: given.max ?? base.max };
}

function readStop({ raw: { stop } }: Draft): Partial<StopPolicy> {
  const graceMs = milliseconds(stop?.grace);
  return {
    ...(stop?.signal === undefined ? {} : { signal: stop.signal }),
    ...(graceMs === undefined ? {} : { graceMs }),
  };
}

function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
