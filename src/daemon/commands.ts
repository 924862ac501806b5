/** What commands beside the services are given: variables of a service or of the whole environment, and recipes' clients. */

import { LoopyardError } from '../core/errors.ts';
import type { Service } from '../core/model.ts';
import { findRecipe } from '../core/recipe.ts';
import { type ClientCommand, SCHEMA_VERSION, type ServiceEnvironment } from '../core/status.ts';
import { placeOf } from './describe.ts';
import type { Environment } from './environment.ts';
import { recipeOptions, serviceVariables } from './launch.ts';
import { atUsualPorts } from './placement.ts';
import { findProgram, servicePath } from './programs.ts';
import { inheritedVariables, needVariables, trustVariables } from './variables.ts';

type Variables = Readonly<Record<string, string>>;

/** The variables that the service's own program gets. */
export function variablesOf(environment: Environment, name: string, caller: Variables): ServiceEnvironment {
  const service = mustFind(environment, name);
  const variables = serviceVariables({
    ...environment.launchFacts(service),
    caller,
    placement: placementOf(environment, service),
  });
  return { schema: SCHEMA_VERSION, service: name, cwd: service.cwd, variables };
}

/** `_HOST`, `_PORT`, `_URL` of every service: what `run`, `test` and `exec` give to a command. */
export function commandVariables(environment: Environment, caller: Variables): ServiceEnvironment {
  const { described, project } = environment;
  const places = project.services.map((service) => needVariables(placeOf(described, service)));
  const inherited = inheritedVariables(caller);
  const variables: Variables = {
    ...inherited,
    PATH: servicePath(project.root, inherited.PATH ?? ''),
    LOOPYARD_ENVIRONMENT: environment.ref.id,
    ...Object.assign({}, ...places),
    ...trustVariables(environment.tools.authority.extra, inherited, project.root),
  };
  return { schema: SCHEMA_VERSION, service: null, cwd: project.root, variables };
}

/** Errors: NO_CLIENT, PROGRAM_MISSING. */
export function connectCommand(environment: Environment, name: string, caller: Variables): ClientCommand {
  const service = mustFind(environment, name);
  const recipe =
    service.command.kind === 'recipe'
      ? findRecipe(environment.tools.recipes, service.command.recipe)
      : undefined;
  const place = placeOf(environment.described, service);
  const ports = Object.fromEntries(place.endpoints.map((endpoint) => [endpoint.name, endpoint.port]));
  const host = place.endpoints[0]?.host;
  const client =
    recipe === undefined || host === undefined
      ? null
      : recipe.client({ host, ports, options: recipeOptions(service, recipe) });
  if (client === null || recipe === undefined) throw new LoopyardError('NO_CLIENT', { service: name });
  const inherited = inheritedVariables(caller);
  const [program = '', ...rest] = client.argv;
  const found = findProgram(program, servicePath(service.cwd, inherited.PATH ?? ''), service.cwd);
  if (found === null) {
    throw new LoopyardError('PROGRAM_MISSING', {
      service: name,
      recipe: recipe.name,
      program,
      fix: client.install,
    });
  }
  return { schema: SCHEMA_VERSION, argv: [found, ...rest], variables: { ...inherited, ...client.env } };
}

function placementOf(environment: Environment, service: Service): ReturnType<typeof atUsualPorts> {
  return (
    environment.runtime(service.name).placement ??
    atUsualPorts(service.endpoints, environment.addressOf(service.name))
  );
}

function mustFind(environment: Environment, name: string): Service {
  const service = environment.service(name);
  if (service === undefined) throw new Error(`service ${name} was checked before`);
  return service;
}
