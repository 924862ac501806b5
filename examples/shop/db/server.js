// The database: PGlite is PostgreSQL compiled to WebAssembly, and its socket server speaks the real protocol, so `psql` and every
// PostgreSQL driver work with it. Its files lie in DATA_DIR; without one they are in memory.

import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { log } from '../lib/log.js';

const { HOST = '127.0.0.1', PORT = '5432', DATA_DIR } = process.env;

const db = await open();
// One session inside serves all connections in turn; a transaction keeps the others waiting until it ends.
const server = new PGLiteSocketServer({ db, host: HOST, port: Number(PORT), maxConnections: 50 });
await server.start();
const { rows } = await db.query('SHOW server_version');
log(`PostgreSQL ${rows[0]?.server_version} on ${HOST}:${PORT}, data in ${DATA_DIR ?? 'memory'}`);

process.once('SIGTERM', stop);
process.once('SIGINT', stop);

async function stop() {
  await server.stop();
  await db.close();
  log('closed');
  process.exit();
}

async function open() {
  if (DATA_DIR === undefined) return await PGlite.create();
  const cluster = join(DATA_DIR, 'cluster');
  if (!existsSync(cluster)) await makeCluster(cluster);
  return await PGlite.create({ dataDir: cluster });
}

// Made under another name first: a kill in the middle must not leave a half-made cluster behind.
async function makeCluster(cluster) {
  const unfinished = `${cluster}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  log('first start: making the database');
  const db = await PGlite.create({ dataDir: unfinished });
  await db.close();
  await rename(unfinished, cluster);
}
