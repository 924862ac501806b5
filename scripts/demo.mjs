/**
 * `npm run demo [-- BUILD]`: builds, or takes the build in that folder, brings up examples/shop in the foreground, shows by real requests that it works, and stays until Ctrl-C, which
 * stops everything. It only uses what a user has: the built `lo` and HTTP.
 */

import { execFile, spawn } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureDist } from './lib/dist.mjs';
import { printBuildErrors } from './lib/errors.mjs';
import { at } from './lib/root.mjs';

const UP = new Set(['ready', 'running', 'completed']);
const LOOK_MS = 200;
const SHIPPED_WITHIN_MS = 15_000;
/** The first certificate is made meanwhile. */
const NAMED_WITHIN_MS = 10_000;

const shop = at('examples/shop');
const run = promisify(execFile);
process.exitCode = await main();

async function main() {
  let lo;
  try {
    lo = join(process.argv[2] ?? (await ensureDist(at('dist'))).directory, 'lo.js');
  } catch (error) {
    await printBuildErrors(error);
    return 1;
  }
  say(`in ${shop}: lo up`);
  const child = spawn(process.execPath, [lo, 'up'], { cwd: shop, stdio: 'inherit' });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  const interrupted = passSignals(child);
  const failure = await Promise.race([ended.then(() => null), show(lo).catch((error) => error)]);
  if (failure !== null && failure !== undefined) {
    say(`the demo failed: ${failure.message}`);
    child.kill('SIGTERM');
  }
  const end = await ended;
  const left = (await services(lo)).filter((service) => service.pid !== null);
  say(
    left.length === 0 ? 'everything is stopped' : `still running: ${left.map(({ name }) => name).join(', ')}`,
  );
  return failure || left.length > 0 || !(interrupted() || end === 0) ? 1 : 0;
}

/** A terminal sends Ctrl-C to `lo` as well; a second one from us would mean "at once". What comes from elsewhere is passed on. */
function passSignals(child) {
  let seen = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      seen = true;
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return () => seen;
}

/** Waits until all services are up, then does what a customer does, and says what happened. */
async function show(lo) {
  const all = await ready(lo);
  const web = urlOf(all, 'web');
  const api = urlOf(all, 'api');

  const page = await http('GET', web);
  const goods = JSON.parse((await http('GET', `${api}products`)).body);
  const first = goods.find((product) => product.stock > 0);
  if (page.status !== 200) throw new Error(`${web} answered ${page.status}`);
  if (first === undefined) throw new Error('everything is sold out; `lo reset db` fills the stock again');
  const form = new URLSearchParams({ product: first.id, quantity: 1 });
  const answer = await http('POST', `${web}orders`, form.toString());
  const message = new URL(answer.headers.location ?? '', web).searchParams;
  if (!message.has('done'))
    throw new Error(`the order was refused: ${message.get('problem') ?? answer.status}`);
  const order = await shipped(api, Number(/^Order (\d+)/.exec(message.get('done'))?.[1]));

  say('');
  say('The shop works:');
  say(`  the page ${web} was rendered from ${goods.length} products of the API`);
  say(`  ${message.get('done')} was placed through it; ${first.stock - 1} of ${first.stock} are left`);
  say(`  the worker shipped it ${new Date(order.shipped_at) - new Date(order.created_at)} ms later`);
  say('');
  for (const { name, state, endpoints } of all)
    say(
      `  ${name.padEnd(8)} ${endpoints.map(({ address, port }) => `${address}:${port}`).join(', ') || state}`,
    );
  say('');
  const name = await nameOf(lo, 'web');
  if (name === null) say(`Open ${web} in a browser. Ctrl-C stops everything.`);
  else {
    say(`Open ${name} in a browser. Ctrl-C stops everything.`);
    say('(`lo trust` once, and browsers open it without a warning.)');
  }
}

/** Null: names are not served here. */
async function nameOf(lo, service) {
  for (
    const deadline = performance.now() + NAMED_WITHIN_MS;
    performance.now() < deadline;
    await delay(LOOK_MS)
  ) {
    const own = (await services(lo)).find(({ name }) => name === service);
    const [url] = own?.endpoints[0]?.names ?? [];
    if (url !== undefined) return new URL('/', url).href;
  }
  return null;
}

async function ready(lo) {
  for (;;) {
    const all = await services(lo);
    if (all.length > 0 && all.every(({ state }) => UP.has(state))) return all;
    await delay(LOOK_MS);
  }
}

/** None while the environment is not known yet. */
async function services(lo) {
  try {
    const { stdout } = await run(process.execPath, [lo, 'ps', '--json'], { cwd: shop });
    return JSON.parse(stdout).services ?? [];
  } catch (error) {
    // Before `up` has reached the daemon `ps` says so by its exit code; anything worse shows in `up` itself.
    if (typeof error.code === 'number') return [];
    throw error;
  }
}

function urlOf(all, name) {
  const url = all.find((service) => service.name === name)?.endpoints[0]?.url;
  if (!url) throw new Error(`${name} has no URL`);
  return new URL('/', url).href;
}

async function shipped(api, id) {
  const deadline = performance.now() + SHIPPED_WITHIN_MS;
  for (;;) {
    const orders = JSON.parse((await http('GET', `${api}orders`)).body);
    const order = orders.find((candidate) => candidate.id === id);
    if (order?.status === 'shipped') return order;
    if (performance.now() > deadline)
      throw new Error(`order ${id} was not shipped in ${SHIPPED_WITHIN_MS / 1000} s`);
    await delay(LOOK_MS);
  }
}

function http(method, url, body = '') {
  const headers = method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject).end(body);
  });
}

function say(text) {
  console.log(text === '' ? '' : `demo: ${text}`);
}
