// Calls the API and measures how long it took. What goes wrong comes back as words, since the page is shown all the same.

const { API_URL = 'http://127.0.0.1:3000' } = process.env;
const TIMEOUT_MS = 10_000;

/** `{value, problem, tookMs}`: one of value and problem is null. */
export async function callApi(method, path, body) {
  const started = performance.now();
  try {
    const response = await fetch(new URL(path, API_URL), {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = await response.json();
    const tookMs = performance.now() - started;
    return response.ok
      ? { value: answer, problem: null, tookMs }
      : { value: null, problem: answer.error, tookMs };
  } catch (error) {
    const reason = error.cause?.code ?? error.name;
    return {
      value: null,
      problem: `the API does not answer (${reason})`,
      tookMs: performance.now() - started,
    };
  }
}
