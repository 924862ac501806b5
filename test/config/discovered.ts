/** Makes projects of all kinds, discovers them, and checks that what is written parses, suggestions taken or not. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Discovery, discover } from '../../src/config/discover/discover.ts';
import { parseProject } from '../../src/config/parse-project.ts';
import type { Project, Service } from '../../src/core/model.ts';
import { RECIPES } from '../../src/recipes/all.ts';

export type Files = Readonly<Record<string, string | object>>;

export function project(t: TestContext, files: Files, name = 'shop'): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'discover-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, name);
  mkdirSync(directory);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}

function parse(yaml: string, root: string): Project {
  const { project: parsed, diagnostics } = parseProject(yaml, { file: null, root, recipes: RECIPES });
  assert.deepEqual(diagnostics, [], yaml);
  assert.ok(parsed);
  return parsed;
}

/** The suggestions' comment marks taken away, as their text says. */
function uncommented(yaml: string): string {
  return yaml.replace(/^ {2}# (\w+:)\n {2}# ( {2}use: \w+)$/gm, '  $1\n  $2');
}

export async function found(
  t: TestContext,
  files: Files,
  name?: string,
): Promise<Discovery & { readonly project: Project }> {
  const directory = project(t, files, name);
  const discovery = await discover(directory);
  assert.ok(discovery);
  parse(uncommented(discovery.yaml), directory);
  return { ...discovery, project: parse(discovery.yaml, directory) };
}

/** `name: run @port in cwd`. */
export function lines({ services }: Project): readonly string[] {
  return services.map((service) => {
    const port = service.endpoints[0]?.port;
    const relative = service.cwd.replace(/^.*\/discover-[^/]+\/[^/]+\/?/, '');
    return `${service.name}: ${runOf(service)}${port === undefined ? '' : ` @${port}`}${relative === '' ? '' : ` in ${relative}`}`;
  });
}

function runOf({ command }: Service): string {
  const words = (template: readonly object[]): string =>
    template.map((part) => ('text' in part ? part.text : '<…>')).join('');
  return command.kind === 'shell'
    ? `sh ${words(command.text)}`
    : command.kind === 'exec'
      ? command.argv.map(words).join(' ')
      : '';
}
