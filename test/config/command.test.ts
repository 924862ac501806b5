/** `run:`: which commands need a shell, and words that are split exactly as a real shell splits them. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { readCommand } from '../../src/config/normalise/command.ts';
import type { Template } from '../../src/core/model.ts';

/** References as `<db.port>`. */
function shown(template: Template): string {
  return template
    .map((part) =>
      part.kind === 'text' ? part.text : part.kind === 'need' ? `<${part.service}.${part.field}>` : '<…>',
    )
    .join('');
}

function words(text: string): readonly string[] | 'shell' | 'broken' {
  const { command } = readCommand(text);
  if (command === null) return 'broken';
  return command.kind === 'shell' ? 'shell' : command.argv.map(shown);
}

const SPLIT: readonly (readonly [text: string, argv: readonly string[]])[] = [
  ['node server.js', ['node', 'server.js']],
  ['  node   server.js\t--x  ', ['node', 'server.js', '--x']],
  [`node -e "a; b && c"`, ['node', '-e', 'a; b && c']],
  [`node -e 'console.log("$HOME")'`, ['node', '-e', 'console.log("$HOME")']],
  [`a "" '' b`, ['a', '', '', 'b']],
  [`a b"c d"'e f'g`, ['a', 'bc de fg']],
  ['a b\\ c \\; \\$HOME \\"', ['a', 'b c', ';', '$HOME', '"']],
  [`a "x\\"y\\\\z\\n\\$HOME"`, ['a', 'x"y\\z\\n$HOME']],
  ['psql -p ${db.port} -h ${db.host}', ['psql', '-p', '<db.port>', '-h', '<db.host>']],
  [`psql "host=\${db.host} port=\${db.port}"`, ['psql', 'host=<db.host> port=<db.port>']],
  [`echo '\${db.port}'`, ['echo', '<db.port>']],
  ['echo a${db.port}b', ['echo', 'a<db.port>b']],
  ['echo \\$x', ['echo', '$x']],
  ['echo $$ $${db.port}', ['echo', '$', '${db.port}']],
  ['echo 5$ a=b', ['echo', '5$', 'a=b']],
  ['echo ${env.A:-x y}', ['echo', '<…>']],
  ['./a#b c~', ['./a#b', 'c~']],
  ['node server.js\n', ['node', 'server.js']],
  ['node \\\n server.js', ['node', 'server.js']],
  ['node été 😀', ['node', 'été', '😀']],
];

for (const [text, argv] of SPLIT) {
  test(`split: ${JSON.stringify(text)}`, () => assert.deepEqual(words(text), argv));
}

const SHELL = [
  'a | b',
  'a && b',
  'a; b',
  'a & b',
  'a > out',
  'a 2>&1',
  'cat < in',
  '(a)',
  'echo `date`',
  'echo "`date`"',
  'echo $(date)',
  'echo $HOME',
  'echo "$HOME"',
  '$EDITOR x',
  'node server.js --port $PORT',
  'node server.js --port ${PORT:-3000}',
  'echo $1 $@ $? $#',
  'FOO=bar node server.js',
  'FOO= node server.js',
  'rm *.tmp',
  'ls file?',
  'ls [ab]',
  'ls ~/x',
  'a # comment',
  'a\nb',
  'exec node server.js',
  'cd api',
  'exit 3',
  'if true',
  '! true',
  ': ${HOME}',
  'a ${db.port} | b',
];

for (const text of SHELL) {
  test(`a shell is needed: ${JSON.stringify(text)}`, () => assert.equal(words(text), 'shell'));
}

test('the text of a shell keeps its quotes and backslashes, with references filled in later', () => {
  const { command } = readCommand(`  echo "a\\"b" '\${db.port}' $HOME | cat \n`);
  assert.ok(command?.kind === 'shell');
  assert.equal(shown(command.text), `echo "a\\"b" '<db.port>' $HOME | cat`);
});

const BROKEN: readonly (readonly [text: string, offset: number, message: RegExp])[] = [
  ['node "server.js', 5, /quote " is not closed/],
  ["  node it's", 9, /quote ' is not closed/],
  ['""', 0, /empty/],
  ["'' x", 0, /empty/],
];

for (const [text, offset, message] of BROKEN) {
  test(`cannot be run: ${text}`, () => {
    const { command, problems } = readCommand(text);
    assert.equal(command, null);
    assert.equal(problems[0]?.offset, offset);
    assert.match(problems[0]?.message ?? '', message);
  });
}

test('whatever is split is split as sh does it', () => {
  const pieces = [
    'a',
    'b',
    ' ',
    '  ',
    '\t',
    '"',
    "'",
    '\\',
    '\\\\',
    '$',
    'x=y',
    '=',
    '-',
    '#',
    '~',
    'é',
    '\\\n',
    '{',
    '}',
    ',',
    '%',
    '@',
  ];
  let seed = 42;
  const next = (most: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * most);
  };
  const cases: { readonly text: string; readonly argv: readonly string[] }[] = [];
  while (cases.length < 1500) {
    const text = `p ${Array.from({ length: 1 + next(10) }, () => pieces[next(pieces.length)]).join('')}`;
    const argv = words(text);
    // `$$` is ours: sh would put its process id there. A last backslash would join the next line of the script.
    if (Array.isArray(argv) && !text.includes('$$') && !text.trim().endsWith('\\'))
      cases.push({ text, argv: argv.slice(1) });
  }
  const script = cases
    .map(({ text }) => `set -- ${text.trim().slice(1)}\nprintf '%s\\0' "$#" "$@"`)
    .join('\n');
  const output = execFileSync('sh', ['-s'], { input: script, encoding: 'utf8' }).split('\0');
  let at = 0;
  for (const { text, argv } of cases) {
    const count = Number(output[at]);
    assert.deepEqual(output.slice(at + 1, at + 1 + count), argv, JSON.stringify(text));
    at += 1 + count;
  }
});
