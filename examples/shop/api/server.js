// The shop's JSON API. Its `listen` names a port and no address, as most programs do: Loopyard still gives it an address of its
// own. Run by hand it listens on every interface.

import { connect, isUnreachable } from '../lib/database.js';
import { createApp, HttpError, readBody } from '../lib/http.js';
import { log } from '../lib/log.js';
import { listOrders, listProducts, placeOrder } from './shop.js';

const pool = connect();
const PORT = process.env.PORT ?? 3000;

const server = createApp(
  {
    'GET /healthz': async () => {
      await pool.query('SELECT 1');
      return json(200, { status: 'ok' });
    },
    'GET /products': async () => json(200, await listProducts(pool)),
    'GET /orders': async () => json(200, await listOrders(pool)),
    'POST /orders': async (request) => json(201, await placeOrder(pool, readOrder(await readBody(request)))),
  },
  (error) => {
    if (error instanceof HttpError) return json(error.status, { error: error.message });
    log(`error: ${error.message || error}`);
    return isUnreachable(error)
      ? json(503, { error: 'the database cannot be reached' })
      : json(500, { error: 'a mistake of the server' });
  },
);
server.listen(PORT, () => log(`listening on port ${PORT}`));

function readOrder(body) {
  const order = parse(body);
  const { product, quantity } = order ?? {};
  if (!Number.isInteger(product)) throw new HttpError(400, '`product` must be the number of a product');
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 100) {
    throw new HttpError(400, '`quantity` must be a whole number from 1 to 100');
  }
  return { product, quantity };
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    throw new HttpError(400, 'the body is not JSON');
  }
}

function json(status, value) {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}
