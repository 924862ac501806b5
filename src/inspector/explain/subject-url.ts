/** The part of a URL that names a place. Secrets in it (user, password, query) are left out. It must not judge the host. */

export interface UrlReading {
  /** `host`, `host:port`, `[::1]:port`. */
  readonly place: string;
  /** Of its scheme; null: unknown. */
  readonly defaultPort: number | null;
  /** The URL for people to see. */
  readonly shown: string;
}

/** Sources: the WHATWG URL standard for the first five, the registry of service names for the others. */
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
  ['ftp', 21],
  ['amqp', 5672],
  ['amqps', 5671],
  ['imap', 143],
  ['imaps', 993],
  ['ldap', 389],
  ['ldaps', 636],
  ['mongodb', 27_017],
  ['mqtt', 1883],
  ['mqtts', 8883],
  ['mysql', 3306],
  ['nats', 4222],
  ['postgres', 5432],
  ['postgresql', 5432],
  ['redis', 6379],
  ['rediss', 6379],
  ['smtp', 25],
  ['ssh', 22],
  ['vnc', 5900],
]);

/** Null: it is no URL. A path behind a host or a user before it makes it one too: `localhost:3000/login`. */
export function readUrl(text: string): UrlReading | null {
  const [, scheme = '', afterScheme = text] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  const [authority = ''] = afterScheme.split(/[/?#\\]/, 1);
  const at = authority.lastIndexOf('@');
  if (scheme === '' && at < 0 && (authority === '' || authority === afterScheme)) return null;
  const place = authority.slice(at + 1);
  const [path = ''] = afterScheme.slice(authority.length).split(/[?#]/, 1);
  return {
    // `http://localhost:/` is the default port.
    place: scheme === '' ? place : place.replace(/:$/, ''),
    defaultPort: DEFAULT_PORTS.get(scheme.toLowerCase()) ?? null,
    shown: `${scheme === '' ? '' : `${scheme}://`}${at < 0 ? '' : '***@'}${place}${path}`,
  };
}
