/** How web frameworks in debug mode show themselves: pages of errors that tell too much, and tools at paths of their own. */

import type { Door } from '../../probe/door.ts';
import { dig, jsonOf } from '../../probe/json.ts';
import { bodyText, header, type Reply } from '../../probe/reply.ts';

/** An error page for a path that does not exist, and what on it tells too much. */
export interface DebugPage {
  readonly name: string;
  readonly says: RegExp;
  readonly tells: RegExp;
  /** What it tells, in words. */
  readonly what: string;
  readonly fix: string;
}

export const DEBUG_PAGES: readonly DebugPage[] = [
  {
    name: 'Django',
    says: /You(?:'|’|&#x27;|&#39;)re seeing this (?:error|page) because (?:you have <code>)?\s*(?:<a[^>]*>)?DEBUG ?=\s?True/i,
    tells: /URLconf|configured any URLs|installed? worked successfully/i,
    what: 'the routes of the project',
    fix: 'set `DEBUG = False` and `ALLOWED_HOSTS` in its settings, unless it is being worked on',
  },
  {
    name: 'Rails',
    says: /Routing Error|No route matches \[/,
    tells: /Rails\.root: \S+/,
    what: 'its directory and its routes',
    fix: 'start it with `RAILS_ENV=production`, or set `config.consider_all_requests_local = false`',
  },
  {
    name: 'Phoenix',
    says: /Phoenix\.Router\.NoRouteError/,
    tells: /Plug\.Debugger|Available routes|no route found for/i,
    what: 'its routes and sources',
    fix: 'set `debug_errors: false` for the endpoint in config/dev.exs',
  },
  {
    name: 'Symfony',
    says: /ResourceNotFoundException|NotFoundHttpException/,
    tells: /Symfony Exception|Stack Trace/i,
    what: 'a stack trace',
    fix: 'set `APP_ENV=prod` and `APP_DEBUG=0`',
  },
  {
    name: 'CakePHP',
    says: /MissingControllerException|MissingRouteException/,
    tells: /CakePHP|cake-debug|Stack Trace/i,
    what: 'a stack trace',
    fix: "set `'debug' => false` in config/app_local.php (or DEBUG=false)",
  },
  {
    name: 'Play',
    says: /Action [Nn]ot [Ff]ound/,
    tells: /These routes have been tried/,
    what: 'its routes',
    fix: 'start it with `sbt runProd` or as a staged build, not with `sbt run`',
  },
];

export const DEBUG_DOORS: readonly Door[] = [
  {
    name: 'Werkzeug’s debugger',
    request: { path: '/?__debugger__=yes&cmd=resource&f=style.css' },
    shows: (reply) =>
      /^text\/css/.test(header(reply, 'content-type') ?? '') &&
      /\.debugger\b[\s\S]*\.traceback\b/.test(bodyText(reply))
        ? 'the style sheet of an interactive debugger, which stands behind every error page'
        : null,
    fix: 'start Flask without `--debug` (FLASK_DEBUG, `app.run(debug=True)`), or with `use_debugger=False`',
  },
  {
    name: 'Laravel’s Ignition',
    request: { path: '/_ignition/health-check' },
    shows: (reply) =>
      dig(jsonOf(reply), 'can_execute_commands') === true
        ? 'that commands may be executed from error pages'
        : null,
    fix: 'set `APP_DEBUG=false` in .env, and update facade/ignition to 2.5.2 or later (CVE-2021-3129)',
    severity: { loopback: 'high', network: 'critical' },
  },
  {
    name: 'properties page of Rails',
    request: { path: '/rails/info/properties' },
    shows: has(/Rails version/, /Ruby version/, 'versions, middleware and directories'),
    fix: 'start it with `RAILS_ENV=production`, or set `config.consider_all_requests_local = false`',
  },
  {
    name: 'profiler of Symfony',
    request: { path: '/_profiler/empty/search/results?limit=1' },
    shows: has(
      /Symfony Profiler/,
      /\bsf-|profiler/i,
      'the requests that others made, with cookies and variables',
    ),
    fix: 'set `APP_ENV=prod`, or `framework.profiler.enabled: false`',
  },
  {
    name: 'dashboard of Phoenix',
    request: { path: '/dev/dashboard/home' },
    shows: has(/Phoenix LiveDashboard/, /data-phx-/, 'the state of the Erlang machine'),
    fix: 'keep `live_dashboard` behind `if Application.compile_env(:app, :dev_routes)`, and that off',
  },
];

function has(one: RegExp, other: RegExp, what: string) {
  return (reply: Reply): string | null => {
    const text = bodyText(reply);
    return one.test(text) && other.test(text) ? what : null;
  };
}
