// Ships queued orders, one at a time, oldest first. Any number of workers can run: SKIP LOCKED lets each take another order.

import { setTimeout as pause } from 'node:timers/promises';
import { connect, isUnreachable } from '../lib/database.js';
import { log } from '../lib/log.js';

const SHORTEST_MS = 50;
const LONGEST_MS = 1000;

const pool = connect();
log('waiting for orders');

// The pause grows while there is nothing to do (or no database to ask), and is short again after an order.
let pauseMs = SHORTEST_MS;
let away = false;
for (;;) {
  const shipped = await shipNext();
  pauseMs = shipped ? 0 : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, pauseMs * 2));
  if (pauseMs > 0) await pause(pauseMs);
}

async function shipNext() {
  try {
    const { rows } = await pool.query(`
      UPDATE "order" SET status = 'shipped', shipped_at = now()
      WHERE id = (SELECT id FROM "order" WHERE status = 'queued' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, quantity, product_id, round(extract(epoch FROM now() - created_at) * 1000) AS waited_ms`);
    if (away) log('the database is back');
    away = false;
    for (const order of rows) log(`shipped order ${order.id} after ${order.waited_ms} ms`);
    return rows.length > 0;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    if (!away) log(`the database cannot be reached (${error.code ?? error.message}); trying again`);
    away = true;
    return false;
  }
}
