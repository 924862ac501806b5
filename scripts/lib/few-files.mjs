/**
 * An esbuild plugin: puts what nearly every command loads into few chunks, since each file costs most of a millisecond at each start
 * (docs/notes/bench.md). It must not change what any module does.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at } from './root.mjs';

/** Small modules that most commands load anyway, or whose absence saves nothing. */
const COMMON = [
  'core/api',
  'core/dist',
  'core/errors',
  'core/paths',
  'core/status',
  'core/suggest',
  'core/units',
  'config/display-width',
  'client/connect',
  'client/home',
  'client/socket-workbench',
  'generate/command-page',
  'cli/args',
  'cli/context',
  'cli/failure',
  'cli/interrupts',
  'cli/pages',
  'cli/printer/printer',
  'cli/view/service-text',
  'cli/view/states',
  'cli/view/status-table',
].map((name) => at('src', `${name}.ts`));

const OWN = [at('src/cli/'), at('src/client/')];

/** Answers `--version` and must load nothing more. */
const FIRST = at('src/cli/main.ts');

/**
 * esbuild puts two modules into one chunk when the same entry points reach both, and every `import()` leads to an entry point. So
 * whatever may be one is made to reach all of them.
 */
export const fewFiles = {
  name: 'few-files',
  setup(build) {
    const entries = importedLate();
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      if (path === FIRST || !(OWN.some((room) => path.startsWith(room)) || entries.has(path)))
        return undefined;
      const imports = COMMON.filter((other) => other !== path).map(
        (other) => `import ${JSON.stringify(other)};`,
      );
      // Behind the text: lines of stack traces stay.
      return { contents: `${readFileSync(path, 'utf8')}\n${imports.join(' ')}`, loader: 'ts' };
    });
  },
};

/** Every file that some `import()` names. */
function importedLate() {
  const files = readdirSync(at('src'), { recursive: true }).filter((name) => name.endsWith('.ts'));
  const found = files.flatMap((name) => {
    const path = at('src', name);
    const names = readFileSync(path, 'utf8').matchAll(/\bimport\('(\.[^']+\.ts)'\)/g);
    return [...names].map(([, other]) => join(dirname(path), other));
  });
  return new Set(found);
}
