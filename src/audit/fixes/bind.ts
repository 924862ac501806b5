/** How well-known programs are made to listen on loopback only. It must not know checks. */

import type { Target } from '../target.ts';
import { fixFor, type ProgramFix } from './programs.ts';

/** Null: the program is not known. A service of ours is told where to listen: the variable that it does not read is named. */
export function bindFix(target: Target): string | null {
  const known = fixFor(target, BINDINGS);
  const { service, place } = target;
  if (service === null) return known;
  const where = place === null ? '' : ` (${place.file}:${place.line})`;
  return known === null
    ? `make ${service.name}${where} listen on $HOST, which Loopyard sets to its own loopback address`
    : `${known}; in ${service.name}${where} use $HOST instead of 127.0.0.1`;
}

const BINDINGS: readonly ProgramFix[] = [
  {
    program: /\bredis-server\b|\bvalkey-server\b/,
    fix: 'set `bind 127.0.0.1 -::1` in redis.conf, or start it with `--bind 127.0.0.1`',
  },
  { program: /\bpostgres\b/, fix: "set `listen_addresses = 'localhost'` in postgresql.conf" },
  { program: /\b(?:mysqld|mariadbd)\b/, fix: 'set `bind-address = 127.0.0.1` below [mysqld] in my.cnf' },
  {
    program: /\bmongod\b/,
    fix: 'set `net.bindIp: 127.0.0.1` in mongod.conf, or start it with `--bind_ip 127.0.0.1`',
  },
  { program: /\bmemcached\b/, fix: 'start it with `-l 127.0.0.1`' },
  {
    program: /\bvite\b/,
    fix: 'take `--host` out of the command, and `server.host: true` out of vite.config',
  },
  { program: /\bwebpack(?:-dev-server)?\b/, fix: "set `devServer.host: '127.0.0.1'` in webpack.config" },
  { program: /\bnext(?:-server)?\b/, fix: 'start it with `next dev -H 127.0.0.1`' },
  { program: /\bhttp-server\b/, fix: 'start it with `-a 127.0.0.1`' },
  { program: /\bhttp\.server\b/, fix: 'start it with `--bind 127.0.0.1`' },
  { program: /\bdjango\b|\bmanage\.py runserver\b/, fix: 'start it with `runserver 127.0.0.1:PORT`' },
  { program: /\bflask\b/, fix: 'start it with `--host 127.0.0.1`' },
  {
    program: /\b(?:uvicorn|gunicorn|hypercorn)\b/,
    fix: 'start it with `--host 127.0.0.1` (gunicorn: `--bind 127.0.0.1:PORT`)',
  },
  { program: /\brails\b|\bpuma\b/, fix: 'start it with `-b 127.0.0.1`' },
  { program: /\bphp\b.* -S\b/, fix: 'start it with `php -S 127.0.0.1:PORT`' },
  { program: /\bnginx\b/, fix: 'write `listen 127.0.0.1:PORT;` instead of `listen PORT;`' },
  { program: /\bcaddy\b/, fix: 'put `bind 127.0.0.1` into the site' },
  { program: /\bdocker-proxy\b/, fix: 'publish it as `127.0.0.1:PORT:PORT` (`-p` and `ports:` alike)' },
  { program: /\bnode\b/, fix: "give listen() an address: `server.listen(port, '127.0.0.1')`" },
];
