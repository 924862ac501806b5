/** Where well-known programs are told which certificate they have. It must not know checks. */

import type { ProgramFix } from './programs.ts';

const MAKE = '`mkcert -key-file key.pem -cert-file cert.pem localhost 127.0.0.1 ::1`';

export const CERTIFICATE_FIXES: readonly ProgramFix[] = [
  {
    program: /\bvite\b/,
    fix: `make one with ${MAKE} and name both files in \`server.https\` of vite.config`,
  },
  {
    program: /\bwebpack(?:-dev-server)?\b/,
    fix: `make one with ${MAKE} and name both files in \`devServer.server.options\``,
  },
  {
    program: /\bnginx\b/,
    fix: `make one with ${MAKE} and name both files in \`ssl_certificate\` and \`ssl_certificate_key\``,
  },
  {
    program: /\b(?:node|tsx|nodemon|bun)\b/,
    fix: `make one with ${MAKE} and give both to \`https.createServer({ key, cert })\``,
  },
];
