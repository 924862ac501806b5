// Applies the files of `migrations/` that were not applied yet, in the order of their names, each in a transaction of its own.

import { readdir, readFile } from 'node:fs/promises';
import { connect } from '../lib/database.js';
import { log } from '../lib/log.js';

const directory = new URL('migrations/', import.meta.url);
const pool = connect();

await pool.query(`
  CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
const { rows } = await pool.query('SELECT name FROM migration');
const applied = new Set(rows.map((row) => row.name));
const files = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
const missing = files.filter((name) => !applied.has(name));

for (const name of missing) await apply(name);
log(missing.length === 0 ? `nothing to do, all ${files.length} migrations are applied` : 'done');
await pool.end();

async function apply(name) {
  const sql = await readFile(new URL(name, directory), 'utf8');
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO migration (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
    log(`applied ${name}`);
  } finally {
    // After an error the transaction is still open: closing the connection rolls it back.
    client.release(true);
  }
}
