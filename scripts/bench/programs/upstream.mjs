/** The program behind the gateways where there is no C compiler: `upstream HOST PORT`, 3 bytes for each request, 1 MB for /big, another head each time for /vary. */

import { createServer } from 'node:http';

const [host, port] = process.argv.slice(2);
const big = Buffer.alloc(1 << 20, 'x');
let count = 0;

createServer((request, response) => {
  const body = request.url === '/big' ? big : 'ok\n';
  if (request.url?.startsWith('/vary')) response.setHeader('ETag', `"${count++}"`);
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
})
  .on('upgrade', (_request, socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    );
    socket.pipe(socket);
  })
  .listen(Number(port), host);
