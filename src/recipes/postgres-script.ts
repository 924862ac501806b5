/**
 * The shell script of the postgres recipe: finds the right version, makes the cluster on first use, then becomes the server. It is
 * POSIX sh, gets everything as arguments, and must not know how it is started.
 */

export interface PostgresScriptArguments {
  /** Path of `postgres`; its companions lie beside it, or beside what it is a link to. */
  readonly server: string;
  /** A major version to insist on, or empty. */
  readonly version: string;
  readonly dataDir: string;
  /** Gets a link `pg_isready`, of the version that runs. */
  readonly runDir: string;
  readonly user: string;
  readonly database: string;
  /** A file with the password, or empty. */
  readonly passwordFile: string;
  /** The `pg_hba.conf` of the real server. */
  readonly accessFile: string;
  readonly host: string;
  readonly port: number;
  /** Where the patterns of `init` start from. */
  readonly root: string;
  /** Patterns of SQL files, without line breaks. */
  readonly init: readonly string[];
  /** Flags for every start of the server. */
  readonly flags: readonly string[];
}

export function postgresArgv(given: PostgresScriptArguments): readonly string[] {
  const { server, version, dataDir, runDir, user, database, passwordFile, accessFile, root } = given;
  const places = [server, version, dataDir, runDir, user, database, passwordFile, accessFile];
  return [
    'sh',
    '-c',
    SCRIPT,
    'sh',
    ...places,
    given.host,
    String(given.port),
    root,
    given.init.join('\n'),
    ...given.flags,
  ];
}

/** A cluster keeps the version that made it; packages install several side by side. */
const FIND_VERSION = `
complete() { [ -x "$1/postgres" ] && [ -x "$1/initdb" ] && [ -x "$1/psql" ] && [ -x "$1/pg_isready" ]; }
bin=$(dirname "$server")
complete "$bin" || bin=$(dirname "$(readlink -f "$server")")
major() { "$bin/postgres" -V | sed 's/^[^0-9]*//; s/[^0-9].*//'; }
made=
[ ! -f "$data/cluster/PG_VERSION" ] || made=$(cat "$data/cluster/PG_VERSION")
if [ -n "$made" ] && [ -n "$want" ] && [ "$made" != "$want" ]; then
  say "the data were made by PostgreSQL $made, but version $want is asked for"
  say "set the option 'version' back to $made, or reset the data of this service"
  exit 1
fi
want=\${want:-$made}
if [ -n "$want" ] && [ "$(major)" != "$want" ]; then
  found="$(major) in $bin" bin=
  for place in "/usr/lib/postgresql/$want/bin" "/usr/libexec/postgresql$want" "/usr/pgsql-$want/bin" \\
    "/opt/homebrew/opt/postgresql@$want/bin" "/usr/local/opt/postgresql@$want/bin"; do
    [ ! -x "$place/postgres" ] || bin=$place
  done
  if [ -z "$bin" ]; then
    say "PostgreSQL $want is needed; found is $found"
    say "run: apt-get install postgresql-$want (macOS: brew install postgresql@$want)"
    exit 1
  fi
fi
if ! complete "$bin"; then
  say "initdb, psql or pg_isready is missing in $bin"
  say "run: apt-get install postgresql postgresql-client (macOS: brew install postgresql)"
  exit 1
fi`;

/**
 * Whatever ends this before `mv` leaves at most `new.*`, which the next start removes: no cluster is ever half-made. The init files
 * run against a server that only a private socket leads to, so nobody meets a half-filled database. A socket's path has at most 107
 * bytes (103 on macOS): where the data lie deeper, it is in a temporary directory, and a link tells the next start where.
 */
const MAKE_CLUSTER = `
server= new= sockets=
quit() {
  status=$?
  trap - EXIT TERM HUP
  [ -z "$server" ] || { kill -INT "$server" 2>/dev/null && wait "$server"; } || :
  [ -z "$sockets" ] || rm -rf "$sockets"
  [ -z "$new" ] || rm -rf "$new" "$new.sockets"
  exit "$status"
}
run_sql() { "$bin/psql" -X -q -w -v ON_ERROR_STOP=1 -h "$sockets" -U "$user" "$@" || exit 1; }

make_cluster() {
  for left in "$data"/new.*.sockets; do
    case $(readlink "$left" || :) in */lo-pg.*) rm -rf "$(readlink "$left")" ;; esac
  done
  rm -rf "$data"/new.*
  trap quit EXIT
  trap 'exit 143' TERM HUP
  new=$(mktemp -d "$data/new.XXXXXX")
  sockets=$new.sockets
  if [ "\${#sockets}" -le 85 ]; then
    mkdir -m 700 "$sockets"
  else
    sockets=$(mktemp -d "\${TMPDIR:-/tmp}/lo-pg.XXXXXX")
    ln -s "$sockets" "$new.sockets"
  fi
  locale=C
  ! locale -a 2>/dev/null | grep -qix 'c\\.utf-\\{0,1\\}8' || locale=C.UTF-8
  say "first start: making a cluster of PostgreSQL $(major), user $user, database $database"
  said=$("$bin/initdb" -D "$new" -U "$user" -E UTF8 --locale="$locale" --auth-local=trust --auth-host=reject \\
    \${password:+"--pwfile=$password"} 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }
  "$bin/postgres" -D "$new" "$@" -c listen_addresses= -c log_min_messages=fatal -k "$sockets" -p 5432 &
  server=$!
  # As pg_ctl does: the server says so in its pid file; a connection that comes too early would be a FATAL line in the log.
  until grep -q '^ready' "$new/postmaster.pid" 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { say "the new cluster does not start"; exit 1; }
    sleep 0.02
  done
  case $database in
    postgres | template0 | template1) ;;
    *) echo 'CREATE DATABASE :"name"' | run_sql -d postgres -v name="$database" ;;
  esac
  run_init
  kill -INT "$server"
  wait "$server" || { say "the new cluster did not stop cleanly"; exit 1; }
  server=
  mv "$new" "$data/cluster"
  rm -rf "$sockets" "$new.sockets"
  trap - EXIT TERM HUP
}

run_init() {
  cd "$root"
  while IFS= read -r pattern; do
    [ -n "$pattern" ] || continue
    IFS=
    for file in $pattern; do
      [ -f "$file" ] || { say "init: no file matches $pattern in $root"; exit 1; }
      say "running $file"
      run_sql -d "$database" -f "$file" </dev/null
    done
    unset IFS
  done <<LIST
$init
LIST
}`;

const SCRIPT = `set -eu
server=$1 want=$2 data=$3 run=$4 user=$5 database=$6 password=$7 access=$8
shift 8
host=$1 port=$2 root=$3 init=$4
shift 4
export LC_ALL=C
for name in $(env | sed -n 's/^\\(PG[A-Z]*\\)=.*/\\1/p'); do unset "$name"; done
say() { echo "postgres: $*" >&2; }
${FIND_VERSION}
${MAKE_CLUSTER}

[ -d "$data/cluster" ] || make_cluster "$@"
ln -sf "$bin/pg_isready" "$run/pg_isready"
exec "$bin/postgres" -D "$data/cluster" "$@" -c listen_addresses="$host" -p "$port" \\
  -c unix_socket_directories= -c hba_file="$access"
`;
