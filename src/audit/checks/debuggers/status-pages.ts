/** Pages by which servers show their state and settings to whoever looks, from the most telling to the least. It must not send anything. */

import type { Door } from '../../probe/door.ts';
import { dig, jsonOf } from '../../probe/json.ts';
import { bodyText, type Reply } from '../../probe/reply.ts';

export const STATUS_DOORS: readonly Door[] = [
  {
    name: 'phpinfo',
    request: { path: '/phpinfo.php' },
    shows: both(/<title>[^<]*phpinfo\(\)/i, /PHP Version/, 'phpinfo(), with all settings and variables'),
    fix: 'remove phpinfo.php from what is served',
    severity: { loopback: 'low', network: 'medium' },
  },
  {
    name: 'phpinfo',
    request: { path: '/info.php' },
    shows: both(/<title>[^<]*phpinfo\(\)/i, /PHP Version/, 'phpinfo(), with all settings and variables'),
    fix: 'remove info.php from what is served',
  },
  {
    name: 'Go’s profiler',
    request: { path: '/debug/pprof/' },
    shows: both(
      /goroutine\?debug=/,
      /heap\?debug=/,
      'the profiles of a Go program: memory, stacks, command line',
    ),
    fix: 'do not import `net/http/pprof` into the server that others reach: give it a mux and a loopback port of its own',
  },
  {
    name: 'Go’s expvar',
    request: { path: '/debug/vars' },
    shows: (reply) =>
      Array.isArray(dig(jsonOf(reply), 'cmdline')) &&
      typeof dig(jsonOf(reply), 'memstats', 'Alloc') === 'number'
        ? 'the command line and the memory of a Go program'
        : null,
    fix: 'do not import `expvar` into the server that others reach: give it a mux and a loopback port of its own',
  },
  {
    name: 'status page of Apache',
    request: { path: '/server-status?auto' },
    shows: both(/^Total Accesses: \d+/im, /^Scoreboard: /m, 'the state of Apache and its requests'),
    fix: 'write `Require local` into `<Location "/server-status">`, and mind that a proxy before it is local too',
  },
  {
    name: 'status page of PHP-FPM',
    request: { path: '/status' },
    shows: both(/^pool:\s+\S/m, /^process manager:\s+\S/m, 'the state of PHP-FPM'),
    fix: 'set `pm.status_listen` to an address of its own instead of serving `pm.status_path`',
  },
  ...['/nginx_status', '/stub_status', '/basic_status'].map(
    (path): Door => ({
      name: 'status page of nginx',
      request: { path },
      shows: both(/^Active connections: \d+/m, /server accepts handled requests/, 'the connections of nginx'),
      fix: 'write `allow 127.0.0.1; deny all;` beside `stub_status`',
      severity: { loopback: 'info', network: 'low' },
    }),
  ),
  {
    name: 'metrics for Prometheus',
    request: { path: '/metrics' },
    shows: both(
      /^# TYPE \w+ (?:counter|gauge|histogram|summary|untyped)$/m,
      /^\w+(?:\{[^}\n]*\})? [-+\d.eINaf]+/m,
      'metrics',
    ),
    fix: 'serve metrics on a loopback port of their own, or ask for a token; on loopback they do no harm',
    severity: { loopback: 'info', network: 'low' },
  },
];

/** One word alone is found in many pages. */
function both(one: RegExp, other: RegExp, what: string) {
  return (reply: Reply): string | null => {
    const text = bodyText(reply);
    return one.test(text) && other.test(text) ? what : null;
  };
}
