/**
 * Which port a command will listen on, as far as its words or the defaults of well-known programs tell.
 */

import type { FoundPort } from './found.ts';

/** null: nothing tells that it listens at all. */
export function portOf(command: string): FoundPort | null {
  const said = SAID.map((pattern) => pattern.exec(command)?.[1]).find((port) => port !== undefined);
  if (said !== undefined && isPort(Number(said))) return { port: Number(said), because: null };
  const known = DEFAULTS.find(([pattern]) => pattern.test(command));
  return known === undefined ? null : { port: known[1], because: `the default of ${known[2]}` };
}

/** The port that a server's source falls back to: `process.env.PORT || 4000`, `listen(4000)`. */
export function portInSource(source: string): number | null {
  const match = SOURCE.exec(source);
  const port = Number(match?.[1] ?? match?.[2]);
  return isPort(port) ? port : null;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

const SAID: readonly RegExp[] = [
  /(?:^|\s)PORT=["']?(\d{2,5})\b/,
  /\$\{PORT:-(\d{2,5})\}/,
  /(?:^|\s)--(?:port|http-port|server-port)[ =]["']?(\d{2,5})\b/,
  /(?:^|(?<!\bmkdir)\s)-p[ =]?(\d{2,5})\b/,
  /(?:^|\s)(?:-b|--bind|-l|--listen)[ =](?:tcp:\/\/)?[\w.[\]:]*:(\d{2,5})\b/,
  /\brunserver\s+(?:[\w.]+:)?(\d{2,5})\b/,
];

const SOURCE = /\bPORT\b['"\])]*\s*(?:\|\||\?\?)\s*['"]?(\d{2,5})\b|\.listen\(\s*(\d{2,5})\b/;

/** Pattern, port, the program's name. The first that matches counts. */
const DEFAULTS: readonly (readonly [RegExp, number, string])[] = [
  [word('vite preview'), 4173, 'Vite'],
  [word('vite(?! build| optimize)'), 5173, 'Vite'],
  [word('svelte-kit dev|react-router dev'), 5173, 'Vite'],
  [word('next(?: dev| start)'), 3000, 'Next.js'],
  [word('nuxi?(?:t)?(?: dev| start| preview)|nuxt'), 3000, 'Nuxt'],
  [word('remix(?:-serve| dev| vite:dev)'), 3000, 'Remix'],
  [word('astro(?: dev| preview)'), 4321, 'Astro'],
  [word('ng serve|ng s'), 4200, 'Angular'],
  [word('react-scripts start|craco start'), 3000, 'Create React App'],
  [word('vue-cli-service serve'), 8080, 'Vue CLI'],
  [word('webpack(?:-dev-server| serve)'), 8080, 'webpack'],
  [word('gatsby develop'), 8000, 'Gatsby'],
  [word('parcel(?! build| watch)'), 1234, 'Parcel'],
  [word('storybook dev|start-storybook'), 6006, 'Storybook'],
  [word('docusaurus start'), 3000, 'Docusaurus'],
  [word('(?:@11ty/)?eleventy --serve'), 8080, 'Eleventy'],
  [word('wrangler(?: pages)? dev'), 8787, 'Wrangler'],
  [word('strapi (?:develop|start)'), 1337, 'Strapi'],
  [word('nest start'), 3000, 'Nest'],
  [word('http-server'), 8080, 'http-server'],
  [word('json-server'), 3000, 'json-server'],
  [word('serve'), 3000, 'serve'],
  [word('rails (?:s|server)'), 3000, 'Rails'],
  [word('manage\\.py runserver'), 8000, 'Django'],
  [word('flask(?: --\\S+| -\\S+| \\S+)* run'), 5000, 'Flask'],
  [word('uvicorn|gunicorn|fastapi dev'), 8000, 'the server'],
  [word('artisan serve'), 8000, 'Laravel'],
  [word('mix phx\\.server'), 4000, 'Phoenix'],
  [word('puma'), 9292, 'Puma'],
];

/** The words as a command, behind the start, a path or a blank, before a blank or the end. */
function word(words: string): RegExp {
  return new RegExp(`(?:^|[\\s/;&|"'])(?:${words})(?=$|[\\s;&|"'])`);
}
