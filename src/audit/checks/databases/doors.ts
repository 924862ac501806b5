/** Databases that are asked over HTTP: where each tells a stranger what it has. Read-only paths alone; it must not send anything. */

import type { Door, Pages } from '../../probe/door.ts';
import { dig, isRecord, jsonOf, listOf } from '../../probe/json.ts';
import { bodyText, header } from '../../probe/reply.ts';

export const DATABASE_DOORS: readonly Door[] = [
  {
    name: 'CouchDB',
    request: { path: '/_all_dbs' },
    isLikely: ({ home }) =>
      [dig(jsonOf(home), 'couchdb'), dig(jsonOf(home), 'express-pouchdb')].some(
        (word) => typeof word === 'string' && word.startsWith('Welcome'),
      ),
    shows: (reply) => countOf(textsOf(jsonOf(reply)), 'databases'),
    fix: 'set `require_valid_user = true` below [chttpd] in local.ini, and make an admin below [admins]',
  },
  {
    name: 'InfluxDB 1',
    request: { path: '/query?q=SHOW+DATABASES' },
    isLikely: ({ home, miss }) => [home, miss].some((reply) => header(reply, 'x-influxdb-version') !== null),
    shows: (reply) => {
      const [result] = listOf(dig(jsonOf(reply), 'results'), 'series') ?? [];
      return result === undefined ? null : 'the names of its databases';
    },
    fix: 'set `auth-enabled = true` below [http] in influxdb.conf, after `CREATE USER … WITH ALL PRIVILEGES`',
  },
  {
    name: 'InfluxDB 3',
    request: { path: '/api/v3/configure/database?format=json' },
    shows: (reply) => countOf(listOf(jsonOf(reply), 'iox::database'), 'databases'),
    fix: 'start it without `--without-auth`, and make a token with `influxdb3 create token --admin`',
  },
  {
    name: 'ClickHouse',
    request: { path: '/?query=SELECT+6*7' },
    isLikely: ({ home }) => bodyText(home).trim() === 'Ok.',
    shows: (reply) => (bodyText(reply).trim() === '42' ? 'the result of a query' : null),
    fix: 'give the user `default` a `<password_sha256_hex>` in users.d, or take it away',
  },
  {
    name: 'object store with the API of S3',
    request: { path: '/' },
    isLikely: ({ home }) => /<ListAllMyBucketsResult\b|<Code>AccessDenied<\/Code>/.test(bodyText(home)),
    shows: (reply) => (/<ListAllMyBucketsResult\b/.test(bodyText(reply)) ? 'the list of its buckets' : null),
    fix: 'ask for signed requests: set an access key and a secret key of its own',
  },
  {
    name: 'Meilisearch',
    request: { path: '/indexes' },
    shows: (reply) => {
      const page = jsonOf(reply);
      const isPage = ['offset', 'limit', 'total'].every((key) => typeof dig(page, key) === 'number');
      return isPage ? countOf(listOf(dig(page, 'results'), 'uid'), 'indexes') : null;
    },
    fix: 'start it with `--master-key` (or MEILI_MASTER_KEY) of 16 characters or more',
  },
  {
    name: 'Qdrant',
    request: { path: '/collections' },
    isLikely: ({ home }) => /\bqdrant\b/.test(String(dig(jsonOf(home), 'title'))),
    shows: (reply) => countOf(listOf(dig(jsonOf(reply), 'result', 'collections'), 'name'), 'collections'),
    fix: 'set `service.api_key` in its config (or QDRANT__SERVICE__API_KEY)',
  },
  {
    name: 'Neo4j',
    request: {
      method: 'POST',
      path: '/db/neo4j/tx/commit',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{"statements":[{"statement":"RETURN 6*7 AS n"}]}',
    },
    isLikely: ({ home }) =>
      ['neo4j_version', 'bolt_direct'].some((key) => dig(jsonOf(home), key) !== undefined),
    shows: (reply) => {
      const [result] = listOf(dig(jsonOf(reply), 'results'), 'data') ?? [];
      const [row] = listOf(dig(result, 'data'), 'row') ?? [];
      return listOf(dig(row, 'row'))?.[0] === 42 ? 'the result of a query' : null;
    },
    fix: 'set `dbms.security.auth_enabled=true` in neo4j.conf, then `neo4j-admin dbms set-initial-password`',
  },
  {
    name: 'Weaviate',
    request: { path: '/v1/schema' },
    isLikely: ({ home }) => listOf(dig(jsonOf(home), 'links'), 'href', 'name') !== null,
    shows: (reply) => countOf(listOf(dig(jsonOf(reply), 'classes'), 'class'), 'classes'),
    fix: 'set AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=false and AUTHENTICATION_APIKEY_ENABLED=true',
  },
  {
    name: 'Chroma',
    request: { path: '/api/v2/tenants/default_tenant/databases' },
    shows: (reply) => countOf(listOf(jsonOf(reply), 'id', 'name', 'tenant'), 'databases'),
    fix: 'put it behind something that asks for a token: Chroma itself has no login any more',
  },
  {
    name: 'Solr',
    request: { path: '/solr/admin/cores?wt=json&indexInfo=false' },
    isLikely: leadsTo(/\/solr\/$/),
    shows: (reply) =>
      isRecord(dig(jsonOf(reply), 'responseHeader')) && isRecord(dig(jsonOf(reply), 'status'))
        ? 'its cores'
        : null,
    fix: 'enable the BasicAuthPlugin in security.json with `"blockUnknown": true` (`bin/solr auth enable`)',
  },
  {
    name: 'ArangoDB',
    request: { path: '/_api/database' },
    isLikely: leadsTo(/\/_admin\/aardvark/),
    shows: (reply) =>
      dig(jsonOf(reply), 'code') === 200 ? countOf(textsOf(dig(jsonOf(reply), 'result')), 'databases') : null,
    fix: 'start it with `--server.authentication true`',
  },
  {
    name: 'rqlite',
    request: { path: '/db/query?q=SELECT%206*7' },
    isLikely: ({ home, miss }) => [home, miss].some((reply) => header(reply, 'x-rqlite-version') !== null),
    shows: (reply) => {
      const [result] = listOf(dig(jsonOf(reply), 'results'), 'values') ?? [];
      const [row] = listOf(dig(result, 'values')) ?? [];
      return listOf(row)?.[0] === 42 ? 'the result of a query' : null;
    },
    fix: 'start it with `-auth FILE`',
  },
];

/** Its home page sends browsers there. */
function leadsTo(place: RegExp) {
  return ({ home }: Pages): boolean => place.test(header(home, 'location') ?? '');
}

function countOf(list: readonly unknown[] | null, what: string): string | null {
  return list === null ? null : `a list of ${list.length} ${what}`;
}

function textsOf(value: unknown): readonly unknown[] | null {
  const list = listOf(value);
  return list?.every((item) => typeof item === 'string') === true ? list : null;
}
