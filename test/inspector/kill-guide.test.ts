/** The recorded output in the guide is what `lo kill` prints today; only pids and the user differ. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { listening } from './kill-rig.ts';
import { OwnMachine } from './own-machine.ts';

const GUIDE = readFileSync(join(root, 'docs/guide/free-a-port.md'), 'utf8');
const SERVER = "require('http').createServer().listen(3000, '127.0.0.1');\n";

describe('the guide', { concurrency: true }, () => {
  test('a server of npm', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    lab.write('package.json', JSON.stringify({ name: 'shop', scripts: { dev: 'exec node server.js' } }));
    // What is typed is a question of the terminal, and no terminal is here.
    const recorded = session('lo kill 3000').filter((line) => !line.startsWith('End node'));
    assert.deepEqual(await told(machine, lab, 'npm run --silent dev', false), recorded);
  });

  test('a loop that starts it again', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    lab.write('dev.sh', 'while :; do node server.js; done\n');
    assert.deepEqual(await told(machine, lab, 'exec sh dev.sh', true), session('lo kill 3000 --yes'));
  });
});

/** The shop is in the home of whoever runs it. */
async function told(
  machine: OwnMachine,
  lab: Lab,
  command: string,
  comesBack: boolean,
): Promise<readonly string[]> {
  lab.write('server.js', SERVER);
  const HOME = join(lab.directory, '..');
  await machine.launch('env', '-C', lab.directory, `HOME=${HOME}`, 'sh', '-c', `echo starts; ${command}`);
  await until(() => listening(machine, 3000));
  for (;;) {
    const { stdout, code } = await lab.lo(['kill', '3000', '--yes'], { ...machine, env: { HOME } });
    if (code === 1 || !comesBack) return normal(stdout);
    // On a busy machine Node may need more than the two seconds in which it is noticed.
    await until(() => listening(machine, 3000));
  }
}

function session(command: string): readonly string[] {
  const [, text = ''] = new RegExp(`\`\`\`console\\n\\$ ${command}\\n([\\s\\S]*?)\`\`\``).exec(GUIDE) ?? [];
  return normal(text);
}

/** Pids by the order in which they are met. */
function normal(text: string): readonly string[] {
  const pids = [...new Set([...text.matchAll(/(?:pid|kill) (\d+)/g)].map(([, pid = '']) => pid))];
  return text
    .trimEnd()
    .replace(/\b(pid|kill) (\d+)/g, (_, word: string, pid: string) => `${word} #${pids.indexOf(pid)}`)
    .replace(/, as \w+$/gm, ', as USER')
    .split('\n');
}
