/**
 * Config text -> project and all mistakes at once. Pure: it looks at no file and no machine.
 */

import { basename } from 'node:path';
import * as z from 'zod/mini';
import type { FaultKind } from '../core/fault.ts';
import { type Project, RESERVED_SERVICE_NAMES } from '../core/model.ts';
import type { RecipeCatalog } from '../core/recipe.ts';
import { gotWords } from '../core/schema/fields.ts';
import { name as nameSchema } from '../core/schema/parts.ts';
import { projectShape, type RawExternals, serviceShape } from '../core/schema.ts';
import { checkFields } from './check-shape.ts';
import type { Diagnostic } from './diagnostic.ts';
import { MAX_TEXT_LENGTH, type ParsedText, parseText } from './document.ts';
import { sanitiseName } from './names.ts';
import type { Context, Draft } from './normalise/draft.ts';
import { readExternals } from './normalise/externals.ts';
import { chooseRecipe } from './normalise/recipe-options.ts';
import { readService } from './normalise/service.ts';
import { linkServices } from './references.ts';
import { type Path, Reporter } from './reporter.ts';
import { textMistake } from './syntax.ts';

export interface ParseOptions {
  /** As shown and kept in the project; null for text that stands in no file. */
  readonly file: string | null;
  /** Absolute; relative paths of the config start here. */
  readonly root: string;
  readonly recipes: RecipeCatalog;
  /** Kinds of faults; none: no fault is known. */
  readonly faults?: readonly FaultKind[];
}

export interface ParsedProject {
  /** null when there is an error among the diagnostics. */
  readonly project: Project | null;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/** More than any machine runs; the graph is walked with recursion. */
const MAX_SERVICES = 2000;

/** Never throws for any text. */
export function parseProject(text: string, options: ParseOptions): ParsedProject {
  const parsed = textProblem(text) ?? parseText(text);
  const report = new Reporter(options.file ?? 'loopyard.yaml', text, parsed);
  const project = report.failed && parsed.root === null ? null : readProject(parsed, report, options);
  return { project: report.failed ? null : project, diagnostics: report.diagnostics() };
}

function textProblem(text: string): ParsedText | null {
  const mistake =
    text.length > MAX_TEXT_LENGTH
      ? {
          span: { start: 0, end: 0 },
          message: `the file has ${text.length} characters; a config has at most ${MAX_TEXT_LENGTH}`,
        }
      : textMistake(text);
  return mistake === null ? null : { root: null, mistakes: [mistake] };
}

function readProject(parsed: ParsedText, report: Reporter, options: ParseOptions): Project | null {
  const value = parsed.root?.value ?? null;
  if (value === null) {
    report.value([], 'the file is empty', 'write `name:` and `services:`, or run `lo init`');
    return null;
  }
  if (!isMap(value)) {
    report.value([], `expected a map with \`name\` and \`services\`, got ${gotWords(value)}`);
    return null;
  }
  const { fields, wrong } = checkFields(frame, value, [], report);
  if (fields.name === undefined && !wrong.has('name')) {
    report.value([], '`name` is missing', `add \`name: ${sanitiseName(basename(options.root), 'project')}\``);
  }
  const { recipes, root, faults = [] } = options;
  const context: Context = { report, recipes, faults, root };
  const services = isMap(fields.services) ? fields.services : null;
  if (services === null && !wrong.has('services')) reportNoServices(value, report);
  const count = Object.keys(services ?? {}).length;
  if (count > MAX_SERVICES) {
    report.value(
      ['services'],
      `services: ${count} services are more than the ${MAX_SERVICES} that one project can have`,
    );
    return null;
  }
  if (services !== null && count === 0) reportNone(report);
  const { file } = options;
  return { name: fields.name ?? '', file, root, ...readServices(services ?? {}, fields.external, context) };
}

function readServices(
  services: Readonly<Record<string, unknown>>,
  external: RawExternals | undefined,
  context: Context,
): Pick<Project, 'services' | 'externals'> {
  const { report } = context;
  const known = new Set(Object.keys(services));
  const drafts = Object.entries(services).flatMap(([name, service]) => readDraft(name, service, context));
  const read = drafts.map((draft) => readService(draft, context));
  const externals = readExternals(external, known, report);
  const linked = linkServices(read, known, externals, report);
  return externals.length === 0 ? { services: linked } : { services: linked, externals };
}

/** The services are checked one by one, so that a mistake in one does not hide the others. */
const frame = { ...projectShape, services: z.unknown() };

function reportNone(report: Reporter): void {
  report.value(
    ['services'],
    'services: there is none',
    'add one, such as `web: { run: node server.js, port: 3000 }`',
  );
}

function reportNoServices(value: object, report: Reporter): void {
  if (!Object.hasOwn(value, 'services')) {
    report.value(
      [],
      '`services` is missing',
      'add `services:` with one key for each service, or run `lo init`',
    );
    return;
  }
  const { services } = value as { services: unknown };
  report.value(
    ['services'],
    `services: expected a map of service names to services, got ${gotWords(services)}`,
  );
}

function readDraft(name: string, value: unknown, { report, recipes }: Context): readonly Draft[] {
  const path = ['services', name];
  checkServiceName(name, path, report);
  if (!isMap(value)) {
    report.value(path, `service \`${name}\`: expected a map with \`run\` or \`use\`, got ${gotWords(value)}`);
    return [];
  }
  const { fields: raw, wrong } = checkFields(serviceShape, value, path, report);
  const recipe = raw.use === undefined ? null : chooseRecipe(raw.use, [...path, 'use'], recipes, report);
  return [{ name, path, raw, wrong, recipe }];
}

function checkServiceName(name: string, path: Path, report: Reporter): void {
  const answer = z.safeParse(nameSchema, name);
  if (!answer.success) {
    report.key(
      path,
      answer.error.issues[0]?.message ?? 'not a name',
      `such as \`${sanitiseName(name, 'service')}\``,
    );
  } else if (RESERVED_SERVICE_NAMES.includes(name)) {
    report.key(
      path,
      `a service cannot be named \`${name}\``,
      '`${env.NAME}` stands for variables of the environment',
    );
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
