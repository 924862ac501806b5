/**
 * Turns a service of the model into what the supervisor starts: variables filled, recipe planned, program found. Every mistake
 * that can be seen before a process exists is an error here. It must not start processes or choose addresses.
 */

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvFile } from '../config/dotenv.ts';
import { preloadVariables } from '../core/bind-preload.ts';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import {
  DEFAULT_READY_TIMEOUT_MS,
  DEFAULT_STOP,
  type Readiness,
  type Service,
  type StopPolicy,
  type Template,
} from '../core/model.ts';
import {
  findRecipe,
  type Recipe,
  type RecipeCatalog,
  type RecipeFacts,
  type RecipePlan,
} from '../core/recipe.ts';
import { fillTemplate, type NeedValues, type TemplateValues } from '../core/template.ts';
import { makePrivateDirectory } from '../platform/files.ts';
import type { ReadyTarget, RunRef, RunSpec } from '../supervisor/supervisor.ts';
import type { ServiceAuthority } from './authority/tools.ts';
import { asOtherUserHere } from './other-user.ts';
import type { Placement } from './placement.ts';
import { findProgram, findRecipeProgram, servicePath } from './programs.ts';
import {
  inheritedVariables,
  listenVariables,
  needVariables,
  type ServicePlace,
  trustVariables,
} from './variables.ts';

export interface LaunchRequest {
  readonly service: Service;
  readonly projectRoot: string;
  readonly environment: string;
  readonly placement: Placement;
  /** The environment of whoever asked for the start. */
  readonly caller: Readonly<Record<string, string>>;
  /** Where the needed services are. */
  readonly needs: readonly ServicePlace[];
  /** Private directories of the service; made when missing. */
  readonly dataDir: string;
  readonly filesDir: string;
  readonly recipes: RecipeCatalog;
  readonly distDir: string;
  readonly extraCertificates: ServiceAuthority['extra'];
}

export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Readiness;
  readonly stop: StopPolicy;
  readonly told: ReadyTarget['told'];
}

/** Errors: those of the config's values, COMMAND_NOT_FOUND, CWD_UNREADABLE, PROGRAM_MISSING, USER_SWITCH_UNAVAILABLE. */
export function planLaunch(request: LaunchRequest): Launch {
  const { service } = request;
  checkDirectory(service);
  const env = serviceVariables(request);
  const recipe =
    service.command.kind === 'recipe' ? findRecipe(request.recipes, service.command.recipe) : undefined;
  return recipe === undefined ? planCommand(request, env) : planRecipe(request, recipe, env);
}

export function specOf(run: RunRef, launch: Launch, log: string): RunSpec {
  const { argv, cwd, env } = launch;
  return { ...run, argv, cwd, env, log };
}

/** Everything that the service's program, `lo env` and `lo exec` get. */
export function serviceVariables(request: LaunchRequest): Record<string, string> {
  const { service, placement, caller } = request;
  const inherited = inheritedVariables(caller);
  const files = Object.assign(
    {},
    ...service.envFiles.map((file) => readEnvFile(service.name, file)),
  ) as Record<string, string>;
  const own: Record<string, string> = {
    ...inherited,
    ...files,
    PATH: servicePath(service.cwd, inherited.PATH ?? ''),
    DATA_DIR: request.dataDir,
    LOOPYARD_ENVIRONMENT: request.environment,
    LOOPYARD_SERVICE: service.name,
    ...Object.assign({}, ...request.needs.map(needVariables)),
    ...listenVariables(service, placement.host, placement.ports),
  };
  for (const [name, template] of Object.entries(service.env))
    own[name] = fill(request, template, { ...inherited, ...files });
  Object.assign(own, trustVariables(request.extraCertificates, own, service.cwd));
  return bindsByPreload(request) ? { ...own, ...preload(request, own.NODE_OPTIONS) } : own;
}

function planCommand(request: LaunchRequest, env: Record<string, string>): Launch {
  const { service } = request;
  const values = { ...inheritedVariables(request.caller), ...env };
  const argv =
    service.command.kind === 'shell'
      ? ['/bin/sh', '-c', fill(request, service.command.text, values)]
      : service.command.kind === 'exec'
        ? service.command.argv.map((word) => fill(request, word, values))
        : [];
  return {
    argv: runnable(service, argv, env.PATH ?? ''),
    cwd: service.cwd,
    env,
    ready: service.ready ?? defaultReadiness(service),
    stop: { ...DEFAULT_STOP, ...service.stop },
    told: toldPlaces(request),
  };
}

/** The program by its absolute path. Errors: COMMAND_NOT_FOUND. */
function runnable(service: Service, argv: readonly string[], path: string): readonly string[] {
  const [program = '', ...rest] = argv;
  const found = findProgram(program, path, service.cwd);
  if (found !== null) return [found, ...rest];
  throw new LoopyardError('COMMAND_NOT_FOUND', { service: service.name, command: program, cwd: service.cwd });
}

function planRecipe(request: LaunchRequest, recipe: Recipe, env: Record<string, string>): Launch {
  const { service } = request;
  const facts = recipeFacts(request, recipe, env);
  const plan = recipe.plan(facts);
  writeFiles(request, plan);
  const refuser = recipe.programs[0]?.program ?? recipe.name;
  const refusing = { service: service.name, program: refuser, dataDir: facts.dataDir, preferred: [refuser] };
  const argv = plan.refusesRoot && facts.isRoot ? asOtherUserHere(plan.argv, refusing) : plan.argv;
  return {
    argv: runnable(service, argv, env.PATH ?? ''),
    cwd: service.cwd,
    env: { ...plan.env, ...env },
    ready: service.ready ?? plan.ready,
    stop: { ...plan.stop, ...service.stop },
    told: toldPlaces(request),
  };
}

function recipeFacts(
  request: LaunchRequest,
  recipe: Recipe,
  env: Readonly<Record<string, string>>,
): RecipeFacts {
  const { service } = request;
  const programs: Record<string, string> = {};
  for (const program of recipe.programs) {
    const found = findRecipeProgram(program, env.PATH ?? '', service.cwd);
    if (found === null) {
      const details = {
        service: service.name,
        recipe: recipe.name,
        program: program.program,
        fix: program.install,
      };
      throw new LoopyardError('PROGRAM_MISSING', details);
    }
    programs[program.program] = found;
  }
  makeChosenDirectory(request.dataDir);
  makePrivateDirectory(request.filesDir);
  return {
    service: service.name,
    host: request.placement.host,
    ports: request.placement.ports,
    dataDir: request.dataDir,
    runDir: request.filesDir,
    projectRoot: request.projectRoot,
    cwd: service.cwd,
    programs,
    options: recipeOptions(service, recipe),
    isRoot: process.getuid?.() === 0,
    node: process.execPath,
    staticServer: join(request.distDir, 'static-server.js'),
  };
}

/** The options of `with:`, the recipe's defaults filled in. */
export function recipeOptions(service: Service, recipe: Recipe): Readonly<Record<string, unknown>> {
  const defaults = recipe.options.flatMap((option) =>
    option.default === undefined ? [] : [[option.name, option.default]],
  );
  const given = service.command.kind === 'recipe' ? service.command.options : {};
  return { ...(Object.fromEntries(defaults) as Record<string, unknown>), ...given };
}

function writeFiles(request: LaunchRequest, plan: RecipePlan): void {
  for (const file of plan.files) {
    const path = join(request.filesDir, file.name);
    try {
      writeFileSync(path, file.text, { mode: 0o600 });
    } catch (error) {
      throw new LoopyardError('OUTPUT_FAILED', { file: path, reason: reasonOf(error) }, [], error);
    }
  }
}

/** `data:` may name a directory of the user's, whose owner and mode are the user's business. Errors: STATE_UNWRITABLE. */
function makeChosenDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LoopyardError('STATE_UNWRITABLE', { directory: path, reason: reasonOf(error) }, [], error);
  }
}

function defaultReadiness(service: Service): Readiness {
  const first = service.endpoints[0];
  return first === undefined
    ? { kind: 'none' }
    : { kind: 'tcp', endpoint: first.name, timeoutMs: DEFAULT_READY_TIMEOUT_MS };
}

function toldPlaces(request: LaunchRequest): ReadyTarget['told'] {
  const { host, ports } = request.placement;
  return Object.fromEntries(
    request.service.endpoints.map((endpoint) => [
      endpoint.name,
      { address: host, port: ports[endpoint.name] ?? endpoint.port },
    ]),
  );
}

/** Recipes tell their program by flags; the preload serves programs that are only told by variables. */
function bindsByPreload(request: LaunchRequest): boolean {
  const { service } = request;
  const told = service.command.kind !== 'recipe' || service.command.recipe === 'node';
  return told && service.bind === 'lease' && service.endpoints.length > 0;
}

function preload(request: LaunchRequest, nodeOptions: string | undefined): Record<string, string> {
  const { service, placement, distDir } = request;
  const bindings = service.endpoints.flatMap((endpoint) => {
    const port = placement.ports[endpoint.name] ?? endpoint.port;
    const usual = { declared: endpoint.port, address: placement.host, port };
    // A program that obeys PORT names the leased port, one that does not names its usual one.
    return port === endpoint.port ? [usual] : [usual, { declared: port, address: placement.host, port }];
  });
  return preloadVariables(nodeOptions, join(distDir, 'preload.cjs'), bindings);
}

function fill(
  request: LaunchRequest,
  template: Template,
  variables: Readonly<Record<string, string>>,
): string {
  const filled = fillTemplate(template, templateValues(request, variables));
  if (filled.ok) return filled.text;
  throw new LoopyardError('INTERPOLATION_FAILED', { service: request.service.name, reason: filled.reason });
}

function templateValues(request: LaunchRequest, env: Readonly<Record<string, string>>): TemplateValues {
  const needs = request.needs.map(({ service, endpoints }): [string, NeedValues] => {
    const first = endpoints[0];
    const ports = Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, endpoint.port]));
    return [
      service,
      first === undefined ? { ports } : { host: first.host, port: first.port, url: first.url, ports },
    ];
  });
  return { needs: Object.fromEntries(needs), env };
}

function checkDirectory(service: Service): void {
  const reason = directoryProblem(service.cwd);
  if (reason !== null)
    throw new LoopyardError('CWD_UNREADABLE', { service: service.name, cwd: service.cwd, reason });
}

function directoryProblem(path: string): string | null {
  try {
    return statSync(path).isDirectory() ? null : 'it is not a directory';
  } catch (error) {
    return reasonOf(error);
  }
}
