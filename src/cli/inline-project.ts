/** The project that `lo run` describes in words, as YAML text for the daemon. It must not know how it is run. */

import { basename } from 'node:path';
import type { UpRequest } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { RecipeOption } from '../core/recipe.ts';

export interface InlineRequest {
  readonly recipe: string | null;
  /** The command; empty with a recipe. */
  readonly argv: readonly string[];
  /** `key=value` each. */
  readonly options: readonly string[];
  readonly port: number | null;
  readonly name: string | null;
  readonly pid: number;
}

/** Errors: USAGE for an option without `=`. What is in it is checked by the daemon, as in a file. */
export async function inlineProject(request: InlineRequest): Promise<NonNullable<UpRequest['inline']>> {
  const { recipe, argv, port, pid } = request;
  const name = request.name ?? nameFrom(recipe ?? basename(argv[0] ?? ''));
  const given = request.options.length === 0 ? null : await recipeOptions(recipe ?? '', request.options);
  const service = {
    ...(recipe === null ? { run: argv.map(quoted).join(' ') } : { use: recipe }),
    ...(given === null ? {} : { with: given }),
    ...(port === null ? {} : { port }),
    restart: 'never',
  };
  return {
    // Two commands at once are two environments; a recipe keeps its data under its name.
    name: recipe === null ? `${name}-${pid}` : name,
    // JSON is YAML.
    yaml: JSON.stringify({ name, services: { [name]: service } }),
    keep: recipe !== null,
  };
}

function nameFrom(word: string): string {
  const name = word
    .toLowerCase()
    .replace(/\.[a-z0-9]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  return name === '' || name === 'env' ? 'app' : name;
}

/** A word that neither the shell nor our own references change. */
function quoted(word: string): string {
  const ours = word.replaceAll('$', '$$$$');
  return /^[\w./:@%+=,-]+$/.test(word) && !word.includes('=') ? word : `'${ours.replaceAll("'", "'\\''")}'`;
}

type Tree = { [key: string]: unknown };

async function recipeOptions(recipe: string, given: readonly string[]): Promise<Tree> {
  const { RECIPES } = await import('../daemon/local.ts');
  const known = RECIPES.find((candidate) => candidate.name === recipe)?.options ?? [];
  const tree: Tree = {};
  for (const text of given) {
    const at = text.indexOf('=');
    if (at <= 0) {
      const reason = `--with \`${text}\` is no KEY=VALUE`;
      throw new LoopyardError('USAGE', { reason, fix: 'write it as `--with database=app`' });
    }
    const [key = '', ...below] = text.slice(0, at).split('.');
    const value = text.slice(at + 1);
    const option = known.find((candidate) => candidate.name === key);
    if (below.length === 0) tree[key] = typed(option, value, tree[key]);
    else tree[key] = { ...(tree[key] as Tree | undefined), [below.join('.')]: scalar(value) };
  }
  return tree;
}

/** As the option wants it; an unknown one goes on as text, and the daemon says that there is none. */
function typed(option: RecipeOption | undefined, value: string, before: unknown): unknown {
  switch (option?.type) {
    case 'integer':
    case 'boolean':
      return scalar(value);
    case 'string-list':
      return [...(Array.isArray(before) ? before : []), value];
    default:
      return value;
  }
}

function scalar(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
