/** The reference page of the daemon's API, from the one table of routes. It must not know where the page is kept. */

import { ROUTES, type Route } from '../core/api.ts';
import { generatedNote, markdownTable } from './markdown.ts';

/** Markdown, ending with a line break. */
export function apiReference(): string {
  return `${[INTRODUCTION, overview(), ...ROUTES.map(section)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Reference: daemon API

${generatedNote('`src/core/api.ts`')}

The daemon serves HTTP on a unix socket (mode 0600): \`lo daemon status --json\` prints its path. Every request is \`POST\` with a JSON
body. A reply is one JSON document; a stream is one document a line (NDJSON) until \`{"end":true}\`, and one that ends without that
line was cut off. An error is \`{"schema":1,"error":{"code","message","hint","details"}}\` with the HTTP status of [its code](errors.md);
in a stream it is the last line. The documents are the types of \`src/core/status.ts\`; they may get new keys and values, and lose none.

\`\`\`
curl --unix-socket "$(lo daemon status --json | jq -r .socket)" -d '{}' http://loopyard/v1/ls
\`\`\``;

function overview(): string {
  const rows = ROUTES.map((route) => [
    `\`${route.path}\``,
    route.answer === 'reply' ? 'reply' : 'stream',
    route.summary,
  ]);
  return markdownTable(['path', 'answer', 'what it does'], rows);
}

function section(route: Route): string {
  const fields = Object.entries(route.request).map(([field, meaning]) => [`\`${field}\``, meaning]);
  const request =
    fields.length === 0 ? 'The body is `{}`.' : markdownTable(['field of the body', 'meaning'], fields);
  const answer =
    route.answer === 'reply'
      ? `Answers with one \`${route.response}\`.`
      : `Answers with a stream of \`${route.response}\`.`;
  return [`## ${route.path}`, route.summary, request, answer].join('\n\n');
}
