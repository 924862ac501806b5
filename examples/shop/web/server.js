// The shop's web front: one page, rendered here from what the API answers. No script runs in the browser.

import { readFile } from 'node:fs/promises';
import { createApp, HttpError, readBody } from '../lib/http.js';
import { log } from '../lib/log.js';
import { callApi } from './api.js';
import { renderPage } from './page.js';

const { HOST = '127.0.0.1', PORT = '3000' } = process.env;
const style = await readFile(new URL('style.css', import.meta.url), 'utf8');

const server = createApp(
  {
    'GET /': async (_request, url) => html(200, await page(url)),
    'GET /style.css': async () => ({ status: 200, headers: { 'content-type': 'text/css' }, body: style }),
    'POST /orders': async (request) => seeOther(await order(new URLSearchParams(await readBody(request)))),
    'GET /healthz': async () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok\n' }),
  },
  (error) => {
    if (error instanceof HttpError) return html(error.status, renderPage({ problem: error.message }));
    log(`error: ${error.stack}`);
    return html(500, renderPage({ problem: 'a mistake of the server' }));
  },
);
server.listen(Number(PORT), HOST, () => log(`listening on http://${HOST}:${PORT}`));

async function page(url) {
  const [products, orders] = await Promise.all([callApi('GET', '/products'), callApi('GET', '/orders')]);
  return renderPage({
    products: products.value,
    orders: orders.value,
    tookMs: products.tookMs,
    problem: products.problem ?? orders.problem ?? url.searchParams.get('problem'),
    done: url.searchParams.get('done'),
  });
}

/** Where to go after ordering: the page again, with what came of it. */
async function order(form) {
  const wish = { product: Number(form.get('product')), quantity: Number(form.get('quantity')) };
  const { value, problem } = await callApi('POST', '/orders', wish);
  const words =
    problem === null ? { done: `Order ${value.id}: ${value.quantity} × ${value.product}` } : { problem };
  return `/?${new URLSearchParams(words)}`;
}

function html(status, body) {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    // Nobody else's page may hold this one in a frame: it has a form that orders things.
    'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  };
  return { status, headers, body };
}

function seeOther(location) {
  return { status: 303, headers: { location }, body: '' };
}
