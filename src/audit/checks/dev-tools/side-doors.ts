/** Paths that development tools open beside the site they serve. It must not send anything. */

import type { Severity } from '../../../core/audit.ts';
import type { Request } from '../../probe/http.ts';
import { dig, isRecord, jsonOf } from '../../probe/json.ts';
import { bodyText, header, type Reply } from '../../probe/reply.ts';

export interface SideDoor {
  readonly name: string;
  readonly request: Request & { readonly path: string };
  /** What it is for, in words; null: it is something else. The status is the door's to see to. */
  readonly opens: (reply: Reply) => string | null;
  readonly fix: string;
  readonly severity?: { readonly loopback: Severity; readonly network: Severity };
}

const TELLS = { loopback: 'info', network: 'low' } as const;

export const SIDE_DOORS: readonly SideDoor[] = [
  {
    name: 'the packager of React Native',
    request: { path: '/status' },
    opens: (reply) =>
      /^packager-status:running/.test(bodyText(reply)) &&
      header(reply, 'x-react-native-project-root') !== null
        ? 'tells the directory of the project; older versions run commands at `/open-url`'
        : null,
    fix: 'update @react-native-community/cli to 20.0.0 or later (CVE-2025-11953), and start it with `--host 127.0.0.1`',
    severity: { loopback: 'medium', network: 'critical' },
  },
  {
    // Without a file nothing is opened.
    name: '/__open-in-editor',
    request: { path: '/__open-in-editor' },
    opens: (reply) =>
      reply.status === 500 && /required query param "file" is missing/.test(bodyText(reply))
        ? 'opens files in the editor of whoever runs it'
        : null,
    fix: 'set `server.allowedHosts` to the names that you use, and `server.cors` to false',
  },
  {
    name: '/__nextjs_original-stack-frame',
    request: { path: '/__nextjs_original-stack-frame' },
    opens: (reply) =>
      reply.status === 400 && /^Bad Request/.test(bodyText(reply)) ? 'reads sources for stack traces' : null,
    fix: 'update next, and set `allowedDevOrigins` in next.config',
  },
  {
    name: '/webpack-dev-server',
    request: { path: '/webpack-dev-server' },
    opens: (reply) =>
      reply.status === 200 && /<h1>Assets Report:<\/h1>/.test(bodyText(reply))
        ? 'lists what was built'
        : null,
    fix: "leave `devServer.allowedHosts` at 'auto', and update webpack-dev-server to 5.2.1 or later",
    severity: TELLS,
  },
  {
    name: 'GraphQL introspection',
    request: {
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{__schema{queryType{name}}}"}',
    },
    opens: (reply) =>
      typeof dig(jsonOf(reply), 'data', '__schema', 'queryType', 'name') === 'string'
        ? 'tells the whole schema'
        : null,
    fix: 'turn introspection off outside development (`introspection: false`), and refuse foreign Host and Origin',
    severity: TELLS,
  },
  ...['/openapi.json', '/v3/api-docs', '/swagger.json'].map(
    (path): SideDoor => ({
      name: path,
      request: { path },
      opens: (reply) => {
        const page = jsonOf(reply);
        const isOpen = ['openapi', 'swagger'].some((key) => typeof dig(page, key) === 'string');
        return reply.status === 200 && isOpen && isRecord(dig(page, 'paths'))
          ? 'describes the whole API'
          : null;
      },
      fix: 'serve the description in development only, and refuse foreign Host and Origin',
      severity: TELLS,
    }),
  ),
];
