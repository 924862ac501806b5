/** Files that mean harm, or are none: bombs, loops, binary, huge, random changes. Each ends soon, in words, and never in a crash. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Diagnostic, formatDiagnostic } from '../../src/config/diagnostic.ts';
import { parseProject } from '../../src/config/parse-project.ts';
import { CATALOG } from './catalog.ts';

function parse(text: string): ReturnType<typeof parseProject> {
  return parseProject(text, { file: '/p/loopyard.yaml', root: '/p', recipes: CATALOG });
}

/** What parsing says, after checking that all of it can be shown. */
function mistakes(text: string): readonly string[] {
  const { project, diagnostics } = parse(text);
  assert.equal(project === null, diagnostics.length > 0);
  for (const diagnostic of diagnostics.slice(0, 40)) checkPlace(diagnostic, text);
  return diagnostics.map(({ message }) => message);
}

function checkPlace(diagnostic: Diagnostic, text: string): void {
  const { offset, length, line, column } = diagnostic.range;
  assert.ok(offset >= 0 && length >= 0 && offset + length <= Math.max(1, text.length), diagnostic.message);
  assert.ok(line >= 1 && column >= 1);
  const before = text.slice(0, offset).replace(/^\ufeff/, '');
  assert.equal(before.split('\n').length, line, diagnostic.message);
  const [head, ...rest] = formatDiagnostic(diagnostic, text);
  assert.match(head ?? '', /^loopyard\.yaml:\d+:\d+ error: /);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  for (const shown of [head, ...rest]) assert.doesNotMatch(shown ?? '', /[\0-\x08\x0a-\x1f\x7f]/);
}

/** Runs within `seconds` of CPU time, which a busy machine does not stretch. */
function soon(seconds: number, run: () => void): void {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < seconds * 1e6, `${(user + system) / 1e6} s`);
}

const HEAD = 'name: a\nservices:\n  web: { run: x }\n';

test('a bomb of aliases is refused before it goes off', () => {
  const levels = Array.from(
    { length: 20 },
    (_, at) =>
      `x-${at}: &a${at} [${Array(10)
        .fill(at === 0 ? 'lol' : `*a${at - 1}`)
        .join(', ')}]`,
  );
  soon(2, () =>
    assert.match(mistakes(`${levels.join('\n')}\n${HEAD}`).join(), /with its aliases written out/),
  );
});

test('a bomb of merge keys is refused', () => {
  const levels = Array.from({ length: 30 }, (_, at) =>
    at === 0 ? 'x-0: &a0 { k: 1 }' : `x-${at}: &a${at} { p: *a${at - 1}, q: *a${at - 1}, <<: *a${at - 1} }`,
  );
  soon(2, () =>
    assert.match(mistakes(`${levels.join('\n')}\n${HEAD}`).join(), /with its aliases written out/),
  );
});

test('many honest aliases are fine', () => {
  const services = Array.from({ length: 500 }, (_, at) => `  s${at}: { <<: *base, port: ${at + 1} }`);
  assert.deepEqual(
    mistakes(
      `x-base: &base { run: node x.js, env: { A: 1, B: 2 } }\nname: a\nservices:\n${services.join('\n')}\n`,
    ),
    [],
  );
});

test('loops of aliases are refused', () => {
  assert.match(mistakes(`x-a: &a { b: *a }\n${HEAD}`).join(), /inside its own anchor/);
  assert.match(mistakes(`x-a: &a [*a, *a]\n${HEAD}`).join(), /inside its own anchor/);
  assert.match(mistakes('x: &a\n  <<: *a\n').join(), /inside its own anchor/);
});

test('nesting has an end', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{a: ', '}'],
    ['- ', ''],
    ['? ', ''],
  ] as const) {
    soon(5, () =>
      assert.ok(mistakes(`x-a:\n  ${open.repeat(20_000)}1${close.repeat(20_000)}\n${HEAD}`).length > 0, open),
    );
  }
});

test('five megabytes are refused unread', () => {
  soon(1, () => assert.match(mistakes('a: b\n'.repeat(1_000_000)).join(), /at most 1000000/));
});

test('the longest allowed files of any kind end soon', () => {
  const shapes = [
    'a: b\n',
    '- ',
    '[',
    '{',
    '"',
    "'",
    '&a ',
    '*a ',
    '? ',
    '!t ',
    'x',
    '\n',
    ' ',
    '#',
    '|\n',
    'a: |\n b\n',
    '${a.b',
    ': ',
    '\t',
    'é',
  ];
  for (const shape of shapes) soon(5, () => void mistakes(shape.repeat(Math.floor(200_000 / shape.length))));
});

test('sixty thousand different keys end soon', () => {
  const keys = Array.from({ length: 60_000 }, (_, at) => `k${at}: 1`);
  soon(10, () => assert.ok(mistakes(keys.join('\n')).length > 0));
});

test('more services than a project can have', () => {
  const services = Array.from({ length: 2001 }, (_, at) => `  s${at}: { run: x }`);
  assert.match(
    mistakes(`name: a\nservices:\n${services.join('\n')}\n`).join(),
    /2001 services are more than/,
  );
  const chain = Array.from({ length: 2000 }, (_, at) => `  s${at}: { run: x, needs: [s${(at + 1) % 2000}] }`);
  assert.match(mistakes(`name: a\nservices:\n${chain.join('\n')}\n`).join(), /in a circle/);
});

test('binary rubbish is one mistake', () => {
  assert.equal(mistakes('\x7fELF\x02\x01\x01\0\0\0').length, 1);
  assert.equal(mistakes('name: a\0b').length, 1);
  assert.equal(mistakes('\x1b[2Jname: a').length, 1);
});

test('lone surrogates and odd line ends do not confuse places', () => {
  mistakes('name: \ud800\nservices: { "\udc00": {} }');
  mistakes('name: a\rservices: b\u2028c: d\u0085e: f');
  mistakes(`\ufeff\ufeff${HEAD}`);
});

const VALID = `# a shop
x-env: &env { LOG: debug, N: 1.10 }
name: shop
services:
  db:
    use: postgres
    with: { database: app, init: [a.sql], settings: { max_connections: 50 } }
  api:
    run: node server.js --port \${db.port} "a b"
    cwd: api
    port: { http: 3000, metrics: 9100 }
    needs: { db: ready, migrate: completed }
    env:
      <<: *env
      URL: "postgres://\${db.host}:\${db.ports.metrics}/\${env.NAME:-x}"
      TEXT: |
        several
        lines \${db.url}
    env-file: [.env]
    ready: { http: /healthz, timeout: 30s }
    restart: { policy: always, backoff: 1s, max: 3 }
    stop: { signal: SIGINT, grace: 5s }
  migrate: { run: 'FOO=bar npm run migrate && echo $$', needs: [db], task: true }
`;

test('the file that is changed at random is right', () => assert.deepEqual(mistakes(VALID), []));

const BITS =
  '\t \n : - { } [ ] " \' &a *env << !x | > # ${ $$ \\ é 😀 __proto__ 0x1F ~ null .nan 1e999 constructor % @ , ? --- ...'.split(
    ' ',
  );

/** A small generator with a seed, so that a failure can be had again. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(most: number): number {
    this.#state = (this.#state * 1103515245 + 12345) % 2147483648;
    return Math.floor((this.#state / 2147483648) * most);
  }
}

/** Cuts, puts in, replaces or repeats a piece. */
function changed(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  const bit = ` ${BITS[chance.below(BITS.length)]} `.slice(chance.below(2));
  const cut = chance.below(12);
  const [put, gone] = [
    ['', cut],
    [bit, 0],
    [bit, cut],
    [text.slice(at, at + cut * 4), 0],
  ][chance.below(4)] as [string, number];
  return text.slice(0, at) + put + text.slice(at + gone);
}

test('random changes never end in anything but mistakes with places', () => {
  const chance = new Chance(20_261);
  soon(60, () => {
    for (let round = 0; round < 1500; round += 1) {
      let text = VALID;
      for (let change = 0; change <= chance.below(4); change += 1) text = changed(text, chance);
      try {
        mistakes(text);
      } catch (thrown) {
        throw new Error(`round ${round}: ${JSON.stringify(text)}`, { cause: thrown });
      }
    }
  });
});
