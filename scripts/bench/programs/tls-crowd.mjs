/**
 * A crowd of TLS clients that hold their connections: `tls-crowd.mjs PORT NAME COUNT`. Each asks once; says how many are open still
 * when all were answered, and stays until its standard input ends.
 */

import { once } from 'node:events';
import { connect } from 'node:tls';

const [port, servername, count] = process.argv.slice(2);
/** So many at once: more would only wait for each other. */
const AT_ONCE = 64;
const sockets = [];
let begun = 0;

await Promise.all(Array.from({ length: AT_ONCE }, open));
process.stdout.write(`${sockets.filter(({ closed }) => !closed).length}\n`);
await once(process.stdin.resume(), 'end');
for (const socket of sockets) socket.destroy();

async function open() {
  for (; begun < Number(count); ) {
    begun += 1;
    // From many addresses: one has 28 thousand ports, and those of a former crowd rest.
    const localAddress = `127.78.${begun % 16}.1`;
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      localAddress,
      servername,
      rejectUnauthorized: false,
    });
    sockets.push(socket);
    socket.write(`GET / HTTP/1.1\r\nHost: ${servername}:${port}\r\n\r\n`);
    await once(socket, 'data');
    socket.on('error', () => undefined);
    socket.pause();
  }
}
