/** How well-known servers are told to keep dotfiles to themselves. It must not know checks. */

import type { ProgramFix } from './programs.ts';

export const DOTFILE_FIXES: readonly ProgramFix[] = [
  {
    program: /\bhttp-server\b/,
    fix: 'give it a directory of its own (`http-server public`), and start it with `--no-dotfiles`',
  },
  { program: /\bserve\b/, fix: 'give it a directory of its own: `serve public`' },
  { program: /\bnginx\b/, fix: 'write `location ~ /\\. { deny all; }` into the server' },
  { program: /\bcaddy\b/, fix: 'write `file_server { hide .* }`, or give it a `root` of its own' },
  {
    program: /\bhttp\.server\b/,
    fix: 'give it a directory of its own: `python3 -m http.server --directory public`',
  },
  { program: /\bphp\b/, fix: 'give it a directory of its own: `php -S 127.0.0.1:PORT -t public`' },
  { program: /\bvite\b/, fix: 'leave `server.fs.deny` as it comes: it forbids .env, .git and keys' },
  {
    program: /\b(?:node|tsx|nodemon|bun)\b/,
    fix: "with Express: `express.static('public', { dotfiles: 'deny' })`, of a directory that holds nothing else",
  },
];
