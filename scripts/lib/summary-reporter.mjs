/**
 * A reporter for `node --test` that keeps what a reader needs at the end: node's own counts, each skipped test with its reason,
 * each test that began and did not end. It writes one JSON document; `scripts/test.mjs` prints it. Works on Node 20 to 26.
 */

/** Tests that a name pattern left out are not skipped tests. */
const LEFT_OUT = 'test name does not match pattern';

export default async function* summarise(source) {
  const counts = {};
  const skipped = [];
  const running = new Map();
  for await (const { type, data } of source) {
    if (type === 'test:diagnostic') readCount(data, counts);
    if (type === 'test:dequeue') namesIn(running, data.file).add(data.name);
    if (type === 'test:pass' || type === 'test:fail') {
      namesIn(running, data.file).delete(data.name);
      if (isSkipped(data)) skipped.push({ file: data.file, name: data.name, reason: reasonOf(data) });
    }
  }
  const { pass = 0, fail = 0, cancelled = 0 } = counts;
  yield JSON.stringify({
    passed: pass,
    failed: fail + cancelled,
    skipped,
    unfinished: unfinishedIn(running),
  });
}

/** The figures at the end, e.g. `pass 12`; what tests say by `t.diagnostic` is nested deeper. */
function readCount({ message, nesting }, counts) {
  const [, name, count] = /^(pass|fail|cancelled) (\d+)$/.exec(message) ?? [];
  if (nesting === 0 && name !== undefined) counts[name] = Number(count);
}

/** A test that is still to be written says nothing either, so it is listed with the skipped ones. */
function isSkipped({ skip, todo, details }) {
  return details?.type !== 'suite' && skip !== LEFT_OUT && (skip !== undefined || todo !== undefined);
}

function reasonOf({ skip, todo }) {
  const reason = skip ?? todo;
  if (typeof reason === 'string' && reason !== '') return reason;
  return skip === undefined ? 'to do' : 'no reason given';
}

function unfinishedIn(running) {
  return [...running].flatMap(([file, names]) => [...names].map((name) => ({ file, name })));
}

function namesIn(running, file) {
  const names = running.get(file) ?? new Set();
  running.set(file, names);
  return names;
}
