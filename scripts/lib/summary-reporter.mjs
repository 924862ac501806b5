/**
 * A reporter for `node --test` that keeps what a reader needs at the end: counts, each skipped test with its reason, each file
 * that was stopped for taking too long and what it was doing. It writes one JSON document; `scripts/test.mjs` prints it.
 */

/** Tests that a name pattern left out are not skipped tests. */
const LEFT_OUT = 'test name does not match pattern';

export default async function* summarise(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const skipped = [];
  const timedOut = [];
  const running = new Map();
  for await (const { type, data } of source) {
    const { file, name } = data;
    if (type === 'test:dequeue') namesIn(running, file).add(name);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    namesIn(running, file).delete(name);
    if (data.details?.type === 'suite') continue;
    const verdict = verdictOf(type, data);
    if (verdict === null) continue;
    counts[verdict] += 1;
    if (verdict === 'skipped') skipped.push({ file, name, reason: reasonOf(data) });
    if (isFileTimeout(data)) timedOut.push(name);
  }
  yield JSON.stringify({ counts, skipped, timedOut, unfinished: unfinishedIn(running) });
}

function verdictOf(type, data) {
  if (data.skip === LEFT_OUT) return null;
  if (type === 'test:fail' && data.todo === undefined) return 'failed';
  return data.skip === undefined && data.todo === undefined ? 'passed' : 'skipped';
}

function reasonOf({ skip, todo }) {
  const reason = skip ?? todo;
  if (typeof reason === 'string' && reason !== '') return reason;
  return skip === undefined ? 'to do' : 'no reason given';
}

/** The test that stands for a whole file is named by the file's path. */
function isFileTimeout({ details, name }) {
  return details?.error?.failureType === 'testTimeoutFailure' && name.endsWith('.test.js');
}

function unfinishedIn(running) {
  return [...running].flatMap(([file, names]) => [...names].map((name) => ({ file, name })));
}

function namesIn(running, file) {
  const names = running.get(file) ?? new Set();
  running.set(file, names);
  return names;
}
