// The connection pool that migrations, API and worker share. A pool opens new connections by itself, so a restart of the
// database costs the queries under way and nothing else.

import pg from 'pg';
import { log } from './log.js';

export function connect() {
  const connectionString = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  const pool = new pg.Pool({ connectionString, max: 4, connectionTimeoutMillis: 5000 });
  // Without a listener, an idle connection that the database closes would end this process.
  pool.on('error', (error) => log(`a connection to the database was lost: ${error.message}`));
  return pool;
}

/** Runs `work(client)` inside a transaction; an error in it undoes everything. */
export async function transaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // The state of the connection is unknown now; closing it also rolls back.
    client.release(true);
    throw error;
  }
}

/** Whether the database could not be reached, as opposed to having said no. */
export function isUnreachable(error) {
  // SQLSTATE 08xxx: connection; 57Pxx: the server is starting up or shutting down. Without a code: pg lost the connection.
  const code = error.code ?? '';
  return code === '' || code.startsWith('E') || code.startsWith('08') || code.startsWith('57P');
}
