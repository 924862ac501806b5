// What the shop does, in SQL.

import { transaction } from '../lib/database.js';
import { HttpError } from '../lib/http.js';

export async function listProducts(pool) {
  const { rows } = await pool.query(
    'SELECT id, name, description, price_cents, stock FROM product ORDER BY id',
  );
  return rows;
}

/** The latest 10. */
export async function listOrders(pool) {
  const { rows } = await pool.query(`
    SELECT o.id, p.name AS product, o.quantity, o.total_cents, o.status, o.created_at, o.shipped_at
    FROM "order" o JOIN product p ON p.id = o.product_id
    ORDER BY o.id DESC LIMIT 10`);
  return rows;
}

/** Takes the goods from the stock and queues the order, both or neither. */
export async function placeOrder(pool, { product, quantity }) {
  return await transaction(pool, async (client) => {
    const taken = await client.query(
      'UPDATE product SET stock = stock - $2 WHERE id = $1 AND stock >= $2 RETURNING name, price_cents',
      [product, quantity],
    );
    const goods = taken.rows[0] ?? (await explain(client, product));
    const total = goods.price_cents * quantity;
    const { rows } = await client.query(
      'INSERT INTO "order" (product_id, quantity, total_cents) VALUES ($1, $2, $3) RETURNING id, status',
      [product, quantity, total],
    );
    return { ...rows[0], product: goods.name, quantity, total_cents: total };
  });
}

async function explain(client, product) {
  const { rows } = await client.query('SELECT name, stock FROM product WHERE id = $1', [product]);
  if (rows.length === 0) throw new HttpError(404, `there is no product ${product}`);
  throw new HttpError(409, `only ${rows[0].stock} of ${rows[0].name} are left`);
}
