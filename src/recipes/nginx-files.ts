/**
 * What the nginx recipe hands to other programs: nginx's main config, the shell script that starts it, the awk program that fills a
 * template. It must not know options.
 */

export interface NginxConfigFacts {
  readonly runDir: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** null: server blocks come from the filled template. */
  readonly site: { readonly root: string } | null;
}

/** Every path that nginx writes to is told, since the built-in ones belong to the machine's own nginx. */
export function nginxConfig({ runDir, dataDir, host, port, site }: NginxConfigFacts): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${quoted(`${dataDir}/${name}`)};`)
    .join('\n');
  const types = Object.entries(TYPES).map(([type, endings]) => `    ${type} ${endings};`);
  const servers =
    site === null
      ? `  include ${quoted(`${runDir}/servers.conf`)};`
      : `  server {\n    listen ${host}:${port};\n    root ${quoted(site.root)};\n    index index.html;\n  }`;
  return `worker_processes 1;
pid ${quoted(`${runDir}/nginx.pid`)};
error_log stderr warn;
events { worker_connections 1024; }
http {
  types {
${types.join('\n')}
  }
  default_type application/octet-stream;
  charset utf-8;
  charset_types text/css text/javascript text/plain text/xml application/json image/svg+xml;
  sendfile on;
  access_log /dev/stdout;
${temporary}
${servers}
}
`;
}

/**
 * Arguments: nginx, runDir, projectRoot, template or nothing, `on` or `off`, host, port, dataDir. Run by root, the workers must be root
 * too: what they serve lies in root's private directories as often as not.
 */
export const START_NGINX = `set -eu
nginx=$1 run=$2 root=$3 template=$4 daemon=$5
export HOST="$6" PORT="$7" DATA_DIR="$8" LISTEN="$6:$7" TEMPLATE="$template" LC_ALL=C
say() { echo "nginx: $*" >&2; exit 1; }
if [ -n "$template" ]; then
  [ -r "$template" ] || say "cannot read the template $template"
  ! grep -Eq '^[[:space:]]*(http|events)[[:space:]]*[{]' "$template" ||
    say "$template holds a whole nginx.conf; keep what is inside http { }, Loopyard writes the rest"
  grep -Eq '[$][{](LISTEN|PORT)[}]' "$template" ||
    say "$template does not say where to listen; write: listen \\\${LISTEN};"
  awk -f "$run/fill-template.awk" <"$template" >"$run/servers.conf"
fi
main="daemon $daemon;"
[ "$(id -u)" != 0 ] || main="$main user $(id -un) $(id -gn);"
cd "$root"
# Without -e an nginx before 1.19.5 first complains that it may not write to the machine's own log.
if "$nginx" -h 2>&1 | grep -q -- '-e filename'; then
  exec "$nginx" -e stderr -p ./ -c "$run/nginx.conf" -g "$main"
fi
exec "$nginx" -p ./ -c "$run/nginx.conf" -g "$main"
`;

/** Takes values from the environment as they are: nothing in them is special. nginx's variables are lower-case, so they stay. */
export const FILL_TEMPLATE = `{
  done = ""
  rest = $0
  while (match(rest, /[$][{][A-Z][A-Z0-9_]*[}]/)) {
    name = substr(rest, RSTART + 2, RLENGTH - 3)
    if (!(name in ENVIRON)) {
      printf "nginx: %s:%d: this service has no variable %s\\n", ENVIRON["TEMPLATE"], NR, name > "/dev/stderr"
      exit 1
    }
    done = done substr(rest, 1, RSTART - 1) ENVIRON[name]
    rest = substr(rest, RSTART + RLENGTH)
  }
  print done rest
}
`;

/** Where a machine keeps nginx's own list differs; this one covers what web projects serve. */
const TYPES: Readonly<Record<string, string>> = {
  'text/html': 'html htm',
  'text/css': 'css',
  'text/plain': 'txt md',
  'text/xml': 'xml',
  'text/javascript': 'js mjs',
  'application/json': 'json map',
  'application/manifest+json': 'webmanifest',
  'application/pdf': 'pdf',
  'application/wasm': 'wasm',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'font/woff': 'woff',
  'font/woff2': 'woff2',
  'image/avif': 'avif',
  'image/gif': 'gif',
  'image/jpeg': 'jpeg jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg svgz',
  'image/webp': 'webp',
  'image/x-icon': 'ico',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
};

function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
