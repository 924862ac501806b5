/** References in texts: what is ours, what stays, where mistakes are, and filling them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fillTemplate,
  parseTemplate,
  type TemplateMode,
  type TemplateValues,
  toTemplate,
} from '../../src/core/template.ts';

const VALUES: TemplateValues = {
  needs: {
    db: {
      host: '127.64.0.2',
      port: 5432,
      ports: { postgres: 5432, metrics: 9187 },
      url: 'postgres://127.64.0.2:5432',
    },
    worker: { ports: {} },
  },
  env: { HOME: '/home/ada', EMPTY: '', SHELLY: '$HOME ${db.host}' },
};

function filled(text: string, mode: TemplateMode = 'value'): string {
  const { parts, problems } = parseTemplate(text, mode);
  assert.deepEqual(problems, []);
  const answer = fillTemplate(toTemplate(parts), VALUES);
  return answer.ok ? answer.text : `! ${answer.reason}`;
}

const IN_VALUES: readonly (readonly [text: string, expected: string])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['postgres://app@${db.host}:${db.port}/app', 'postgres://app@127.64.0.2:5432/app'],
  ['${db.url}', 'postgres://127.64.0.2:5432'],
  ['${db.ports.metrics}${db.port}', '91875432'],
  ['${env.HOME}/x', '/home/ada/x'],
  ['${env.NOPE:-fall back: $x "}', 'fall back: $x "'],
  ['${env.NOPE:-}', ''],
  ['${env.EMPTY:-default}', 'default'],
  ['${env.EMPTY}', ''],
  ['${env.HOME:-default}', '/home/ada'],
  ['cost: $5, $HOME, a$', 'cost: $5, $HOME, a$'],
  ['$$', '$'],
  ['$$$$', '$$'],
  ['$${db.port}', '${db.port}'],
  ['$$${db.port}', '$5432'],
  ['\\${db.port}', '\\5432'],
  ['${env.SHELLY}', '$HOME ${db.host}'],
  ['${env.NOPE}', '! the variable NOPE is not set'],
  ['${env.constructor}', '! the variable constructor is not set'],
  ['${worker.host}', '! ${worker.host} is not known'],
  ['${web.port}', '! ${web.port} is not known'],
  ['${db.ports.toString}', '! ${db.ports.toString} is not known'],
];

for (const [text, expected] of IN_VALUES) {
  test(`a value: ${JSON.stringify(text)}`, () => assert.equal(filled(text), expected));
}

const IN_SHELL: readonly (readonly [text: string, expected: string])[] = [
  ['psql -p ${db.port}', 'psql -p 5432'],
  ['echo $HOME ${HOME} ${HOME:-x} ${HOME%.js} $(date)', 'echo $HOME ${HOME} ${HOME:-x} ${HOME%.js} $(date)'],
  ['echo ${HOME:-${db.port}}', 'echo ${HOME:-5432}'],
  ['echo ${file%.txt} ${env.HOME}', 'echo ${file%.txt} /home/ada'],
  ['echo $$', 'echo $'],
  ['echo $$$$', 'echo $$'],
  ['echo \\${db.port} \\$$ \\\\${db.port}', 'echo \\${db.port} \\$$ \\\\5432'],
  ['echo $${db.port}', 'echo ${db.port}'],
];

for (const [text, expected] of IN_SHELL) {
  test(`a shell text: ${text}`, () => assert.equal(filled(text, 'shell'), expected));
}

const MISTAKES: readonly (readonly [
  text: string,
  mode: TemplateMode,
  place: string,
  message: RegExp,
  hint: RegExp,
])[] = [
  ['a ${db.prot} b', 'value', '${db.prot}', /not understood/, /did you mean `\$\{db\.port\}`/],
  ['${db.port.metrics}', 'value', '${db.port.metrics}', /not understood/, /port/],
  ['${db.ports}', 'value', '${db.ports}', /not understood/, /ports\.NAME/],
  ['${db.ports.}', 'value', '${db.ports.}', /not understood/, /ports/],
  ['${db.colour}', 'value', '${db.colour}', /not understood/, /known are/],
  ['x ${HOME}', 'value', '${HOME}', /names no field/, /\$\{env\.HOME\}/],
  ['x ${HOME:-/root}', 'value', '${HOME:-/root}', /names no field/, /\$\{env\.HOME:-\/root\}/],
  ['${db}', 'value', '${db}', /names no field/, /service\.host/],
  ['${}', 'value', '${}', /names no field/, /service\.host/],
  ['ab ${db.port', 'value', '${db.port', /not closed/, /\$\$/],
  ['ab ${db.port', 'shell', '${db.port', /not closed/, /\$\$/],
  ['${env.1X}', 'value', '${env.1X}', /not understood/, /env\.NAME/],
  ['${env.X:default}', 'value', '${env.X:default}', /not understood/, /:-default/],
  ['echo ${db.prot}', 'shell', '${db.prot}', /not understood/, /db\.port/],
];

for (const [text, mode, place, message, hint] of MISTAKES) {
  test(`a mistake in a ${mode}: ${text}`, () => {
    const { problems } = parseTemplate(text, mode);
    assert.equal(problems.length, 1);
    const [problem] = problems;
    assert.equal(text.slice(problem?.offset, (problem?.offset ?? 0) + (problem?.length ?? 0)), place);
    assert.match(problem?.message ?? '', message);
    assert.match(problem?.hint ?? '', hint);
  });
}

test('every mistake of a text is found, and the rest is still read', () => {
  const { parts, problems } = parseTemplate('${a} ${db.host} ${b}', 'value');
  assert.deepEqual(
    problems.map((problem) => problem.offset),
    [0, 16],
  );
  assert.ok(parts.some(({ part }) => part.kind === 'need'));
});

test('the parts of a text cover it without a gap, whatever it holds', () => {
  const pieces = ['$', '{', '}', '$$', '${', 'db', '.port', '\\', '${env.A:-', 'x', ' ', '"', '😀', '\n'];
  let seed = 7;
  const next = (most: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * most);
  };
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join('');
    for (const mode of ['value', 'shell'] as const) {
      let at = 0;
      for (const part of parseTemplate(text, mode).parts) {
        assert.equal(part.offset, at, text);
        at += part.length;
      }
      assert.equal(at, text.length, text);
    }
  }
});

test('a hundred thousand unclosed references take no noticeable time', () => {
  const before = process.cpuUsage();
  parseTemplate('${a.b'.repeat(100_000), 'value');
  parseTemplate('${a.b'.repeat(100_000), 'shell');
  assert.ok(process.cpuUsage(before).user < 2_000_000);
});
