/** The service of the benches where there is no C compiler: as server.c, at the price of a Node each. */

import { createServer } from 'node:net';

const [host = process.env.HOST, port = process.env.PORT] = process.argv.slice(2);
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';
createServer((socket) => {
  socket.on('error', () => socket.destroy()).once('data', () => socket.end(ANSWER));
}).listen(Number(port), host);
