/** Which port a command or a source will listen on, as discovery guesses it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portInSource, portOf } from '../../src/config/discover/ports.ts';

test('ports that commands say', () => {
  const cases: readonly (readonly [command: string, port: number | null, because: RegExp | null])[] = [
    ['vite --port 4000', 4000, null],
    ['vite --port=4000 --host', 4000, null],
    ['next dev -p 4000', 4000, null],
    ['PORT=8080 node server.js', 8080, null],
    ['cross-env PORT=8080 react-scripts start', 8080, null],
    ['puma -p ${PORT:-3000}', 3000, null],
    ['gunicorn -b 0.0.0.0:8001 app', 8001, null],
    ['puma -b tcp://localhost:9000', 9000, null],
    ['python manage.py runserver 0.0.0.0:8002', 8002, null],
    ['python manage.py runserver', 8000, /Django/],
    ['node_modules/.bin/vite', 5173, /Vite/],
    ['NODE_ENV=development vite', 5173, /Vite/],
    ['vite build --watch', null, null],
    ['tsc && vite preview', 4173, /Vite/],
    ['astro dev', 4321, /Astro/],
    ['ng serve', 4200, /Angular/],
    ['nuxt dev', 3000, /Nuxt/],
    ['serve dist', 3000, /serve/],
    ['node server.js', null, null],
    ['observe dist', null, null],
    ['mkdir -p 2024 && node x', null, null],
    ['vite --port 99999', 5173, /Vite/],
  ];
  for (const [command, port, because] of cases) {
    const answer = portOf(command);
    assert.equal(answer?.port ?? null, port, command);
    if (because === null) assert.equal(answer?.because ?? null, null, command);
    else assert.match(answer?.because ?? '', because);
  }
});

test('ports that sources fall back to', () => {
  assert.equal(portInSource('const port = process.env.PORT || 4000;'), 4000);
  assert.equal(portInSource("const port = Number(process.env['PORT'] ?? '4001')"), 4001);
  assert.equal(portInSource('app.listen(5001, () => {})'), 5001);
  assert.equal(portInSource('const x = process.env.PORT'), null);
  assert.equal(portInSource('REPORT || 4000'), null);
});
