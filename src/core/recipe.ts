/**
 * What a recipe is: how a well-known program is told where to listen and how it shows that it is ready. A recipe is pure; what it
 * has to know about the machine comes in as `RecipeFacts`. It must not know how its plan is carried out.
 */

import type { EndpointSpec, Readiness, StopPolicy } from './model.ts';

/** One option of `with:`, enough for checking, the JSON Schema and the reference page. */
export interface RecipeOption {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'string-list' | 'map';
  readonly summary: string;
  readonly default?: string | number | boolean;
  readonly required?: boolean;
  /** For `string`: what it must match, and how to say so. */
  readonly pattern?: { readonly regex: string; readonly words: string };
}

/** A program that has to be installed. */
export interface RecipeProgram {
  readonly program: string;
  /** Directories outside PATH where packages put it; `*` stands for one path segment, the highest version wins. */
  readonly alsoIn: readonly string[];
  /** Says how to get it, naming the package: `apt-get install postgresql`. */
  readonly install: string;
}

export interface RecipeFacts {
  readonly service: string;
  /** The loopback address to listen on. */
  readonly host: string;
  /** By endpoint name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Absolute, exists, private to this service of this environment; kept between runs. */
  readonly dataDir: string;
  /** Absolute, exists; files of the plan are written below it before each start. */
  readonly runDir: string;
  readonly projectRoot: string;
  readonly cwd: string;
  /** Absolute paths of the `programs` that were found. */
  readonly programs: Readonly<Record<string, string>>;
  /** Defaults filled in, checked against `options`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly isRoot: boolean;
  /** Absolute paths of the files that run inside services. */
  readonly node: string;
  readonly staticServer: string;
}

export interface RecipePlan {
  /** What is exec'd; a shell script is `['sh', '-c', script, 'sh', ...args]` and must `exec` the program in the end. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written below `runDir` (relative names) before each start, mode 0600. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly ready: Readiness;
  readonly stop: StopPolicy;
  /** The program refuses to run as root: run it as another user. */
  readonly refusesRoot: boolean;
}

export interface RecipeClient {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What to install when the client itself is missing. */
  readonly install: string;
}

export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly options: readonly RecipeOption[];
  /** Default endpoints; a service's `port:` replaces the first one's port. */
  readonly endpoints: readonly EndpointSpec[];
  readonly programs: readonly RecipeProgram[];
  /** An example for the reference page: the service's YAML. */
  readonly example: string;
  /** Option mistakes beyond types, e.g. two that exclude each other; one sentence each, naming the option. */
  check(
    options: Readonly<Record<string, unknown>>,
  ): readonly { readonly option: string; readonly message: string }[];
  plan(facts: RecipeFacts): RecipePlan;
  /** `postgres://app@127.64.0.1:5432/app`; null: made from protocol, host and port. */
  url(facts: Pick<RecipeFacts, 'host' | 'ports' | 'options'>): string | null;
  /** The program's own command-line client, for `lo connect`. */
  client(facts: Pick<RecipeFacts, 'host' | 'ports' | 'options'>): RecipeClient | null;
}

/** The recipes, handed to rooms that must not import them. */
export type RecipeCatalog = readonly Recipe[];

export function findRecipe(catalog: RecipeCatalog, name: string): Recipe | undefined {
  return catalog.find((recipe) => recipe.name === name);
}
