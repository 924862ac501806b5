/** The guide of the audit, walked from its first line to its last: its files, its commands, what they print; only addresses and pids differ. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { root } from '../support/paths.ts';

const GUIDE = readFileSync(join(root, 'docs/guide/audit.md'), 'utf8');

const SERVER = `
require('http').createServer(({ url }, response) => {
  response.statusCode = url === '/' ? 200 : 404;
  response.end(url === '/' ? '<h1>Orders of the shop</h1>' : 'there is no such page');
}).listen(process.env.PORT, process.env.HOST);
`;

/** As much of Redis as the guide needs, so that it can be walked where Redis is not installed. */
const CACHE = `
require('net').createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (said) => {
    const word = /ECHO\\r\\n(\\$\\d+\\r\\n.*\\r\\n)/.exec(said);
    socket.write(word === null ? '-ERR unknown command\\r\\n' : '+PONG\\r\\n' + word[1]);
  });
}).listen(process.env.PORT, process.env.HOST);
`;

test('the guide of the audit', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', block(/<!-- file: loopyard\.yaml -->\n```yaml\n([\s\S]*?)```/));
  lab.write('server.js', SERVER);
  lab.write('cache.js', CACHE);
  const sessions = [...GUIDE.matchAll(/<!-- recorded: [^>]*-->\n```console\n([\s\S]*?)```/g)];
  assert.equal(sessions.length, 3);
  for (const [, session = ''] of sessions)
    for (const part of session.split(/^\$ /m).slice(1)) {
      const [command = '', ...recorded] = part.trimEnd().split('\n');
      const { stdout, stderr } = await lab.lo(words(command));
      // What `lo up` prints is the matter of other pages.
      if (recorded.length > 0)
        assert.deepEqual(normal(`${stdout}${stderr}`), normal(recorded.join('\n')), command);
    }
  const written = block(/<!-- file written: [^>]*-->\n```yaml\n([\s\S]*?)```/);
  assert.equal(readFileSync(join(lab.directory, 'loopyard.audit.yaml'), 'utf8'), written);
  await inCi(lab);
});

async function inCi(lab: Lab): Promise<void> {
  const lines = block(/<!-- ci: [^>]*-->\n```sh\n([\s\S]*?)```/)
    .trimEnd()
    .split('\n');
  const outputs = new Map<string, string>();
  for (const line of lines) {
    const [command = '', file = ''] = line.split(' > ');
    outputs.set(file, await lab.must(words(command)));
  }
  const { runs } = JSON.parse(outputs.get('audit.sarif') ?? '') as {
    readonly runs: readonly { readonly results: readonly Record<string, unknown>[] }[];
  };
  const [result] = runs[0]?.results ?? [];
  assert.equal(result?.ruleId, 'STO-01');
  assert.match(JSON.stringify(result.locations), /"uri":"loopyard\.yaml".*"startLine":6/);
  assert.match(JSON.stringify(result.suppressions), /test data only/);
  assert.match(outputs.get('audit.xml') ?? '', /<testsuite name="cache" tests="\d+" failures="0"/);
}

function block(pattern: RegExp): string {
  const [, text] = pattern.exec(GUIDE) ?? [];
  assert.ok(text, `the guide has no ${pattern}`);
  return text;
}

/** Of a command line without its first word; quotes hold spaces together. */
function words(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1);
}

function normal(text: string): readonly string[] {
  return (
    text
      .trimEnd()
      .replace(/127\.\d+\.\d+\.\d+/g, 'ADDRESS')
      .replace(/pid \d+/g, 'pid PID')
      // A server that is slow to speak is asked once more what it speaks.
      .replace(/\d+ requests?$/gm, 'REQUESTS')
      .split('\n')
  );
}
