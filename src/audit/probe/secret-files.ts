/** Files that are often served by mistake, and what each of them always has in it. Data; it must not know who asks for them. */

export interface SecretFile {
  readonly path: string;
  readonly kind: string;
  /** `secret`: passwords and keys. `data`: what people have stored. `hint`: it only tells more than it should. */
  readonly worth: 'secret' | 'data' | 'hint';
  /** Of the beginning of it, bytes as Latin-1; a string: it begins so. */
  readonly signature: RegExp | string | ((text: string) => boolean);
}

/** Patterns are tried on so much: a server must not be able to keep us busy. */
const MOST_MATCHED = 16_384;

export function hasSignature({ signature }: SecretFile, body: Buffer): boolean {
  const text = body.toString('latin1', 0, MOST_MATCHED);
  if (typeof signature === 'string') return text.startsWith(signature);
  return typeof signature === 'function' ? signature(text) : signature.test(text);
}

/** Lines of NAME=value, one at least with a value; a few others are the rest of values over several lines. */
function isEnv(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
  const named = lines.filter((line) => /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=/.test(line));
  const isAssigned = named.some((line) => /^\s*(?:export\s+)?[A-Z_][A-Z0-9_]*\s*=\s*\S/.test(line));
  return isAssigned && named[0] === lines[0] && named.length >= lines.length / 2;
}

const KEY = /^-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----/m;
const SQL =
  /^\s*(?:--|\/\*|SET |CREATE |INSERT |PRAGMA |BEGIN)[\s\S]*\b(?:CREATE TABLE|INSERT INTO|COPY [\w."]+ )/i;
const COMPOSE = /^services:[ \t]*(?:#[^\n]*)?$[\s\S]*^\s+(?:image|build|environment):/m;
const SQLITE = 'SQLite format 3\0';
const GZIP = '\x1f\x8b\x08';
const ZIP = 'PK\x03\x04';

const env = (path: string): SecretFile => ({
  path,
  kind: 'settings with secrets',
  worth: 'secret',
  signature: isEnv,
});
const key = (path: string): SecretFile => ({ path, kind: 'a private key', worth: 'secret', signature: KEY });
const data = (path: string, signature: RegExp | string): SecretFile => ({
  path,
  kind: 'a copy of a database',
  worth: 'data',
  signature,
});

export const SECRET_FILES: readonly SecretFile[] = [
  ...[
    '/.env',
    '/.env.local',
    '/.env.development',
    '/.env.production',
    '/.env.bak',
    '/.env.old',
    '/api/.env',
  ].map(env),
  ...[
    '/id_rsa',
    '/id_ed25519',
    '/.ssh/id_rsa',
    '/key.pem',
    '/server.key',
    '/privkey.pem',
    '/localhost-key.pem',
  ].map(key),
  {
    path: '/.npmrc',
    kind: "npm's settings with a token",
    worth: 'secret',
    signature: /^[^\n]*:?_(?:authToken|auth|password)\s*=/m,
  },
  {
    path: '/.netrc',
    kind: 'logins of other servers',
    worth: 'secret',
    signature: /^machine\s+\S+[\s\S]*\bpassword\s+\S/m,
  },
  {
    path: '/.aws/credentials',
    kind: 'AWS credentials',
    worth: 'secret',
    signature: /^aws_secret_access_key\s*=/m,
  },
  {
    path: '/.git-credentials',
    kind: "Git's logins",
    worth: 'secret',
    signature: /^https?:\/\/[^\s:@/]+:[^\s@/]+@/m,
  },
  {
    path: '/.htpasswd',
    kind: 'passwords, hashed',
    worth: 'secret',
    signature: /^[\w.@-]+:(?:\$(?:apr1|2[aby]|5|6)\$|\{SHA\})/m,
  },
  {
    path: '/.pgpass',
    kind: 'logins of PostgreSQL',
    worth: 'secret',
    signature: /^[^\s:#<]+:(?:\d+|\*):[^:\n]+:[^:\n]+:[^\s]+$/m,
  },
  {
    path: '/service-account.json',
    kind: 'a key of a Google service account',
    worth: 'secret',
    signature: /"type"\s*:\s*"service_account"[\s\S]*"private_key"/,
  },
  {
    path: '/docker-compose.yml',
    kind: 'how the services are started',
    worth: 'hint',
    signature: COMPOSE,
  },
  {
    path: '/docker-compose.yaml',
    kind: 'how the services are started',
    worth: 'hint',
    signature: COMPOSE,
  },
  {
    path: '/.DS_Store',
    kind: 'the names of the files in this directory',
    worth: 'hint',
    signature: '\0\0\0\x01Bud1',
  },
  data('/dump.sql', SQL),
  data('/backup.sql', SQL),
  data('/database.sql', SQL),
  data('/db.sqlite3', SQLITE),
  data('/database.sqlite', SQLITE),
  { path: '/backup.zip', kind: 'an archive', worth: 'data', signature: ZIP },
  { path: '/backup.tar.gz', kind: 'an archive', worth: 'data', signature: GZIP },
  {
    path: '/config.php.bak',
    kind: 'the source of settings',
    worth: 'secret',
    signature: /^\s*<\?php[\s\S]*(?:pass|secret|key)/i,
  },
  {
    path: '/.vscode/sftp.json',
    kind: 'the login of a server',
    worth: 'secret',
    signature: /"host"[\s\S]*"(?:password|privateKeyPath)"/,
  },
];
