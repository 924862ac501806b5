/** The README's recorded output is what the commands print today: same words, states and columns; only measured values differ. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { root } from '../support/paths.ts';

interface Recorded {
  readonly command: string;
  readonly output: readonly string[];
}

test('the recorded session of the README', async (t) => {
  const lab = Lab.create(t);
  const cwd = join(root, 'examples/shop');
  const session = recorded(readFileSync(join(root, 'README.md'), 'utf8'));
  assert.ok(session.length >= 3);
  for (const { command, output } of session) {
    const text = await lab.must(command.split(' ').slice(1), 0, { cwd });
    // What starts or stops at the same time may be told in either order.
    assert.deepEqual(normal(text.trimEnd().split('\n')), normal(output), command);
  }
});

/** The commands and outputs of the block behind the `recorded` mark. */
function recorded(readme: string): readonly Recorded[] {
  const block = /<!-- recorded: [^>]*-->\n```console\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.trimEnd().split('\n');
      return { command, output };
    });
}

function normal(lines: readonly string[]): readonly string[] {
  return lines
    .map((line) =>
      line
        .replace(/127\.\d+\.\d+\.\d+/g, 'ADDRESS')
        .replace(/\b\d+(\.\d+)?(ms|s|m\d\ds)(?=\s|$)/g, 'TIME')
        .replace(/(?<= )\d+(?= +TIME)/, 'PID')
        .replace(/^shop · .*/, 'shop · PATH')
        .replace(/ +/g, ' ')
        .trimEnd(),
    )
    .toSorted();
}
