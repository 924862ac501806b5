/** Small servers on port 0 of 127.0.0.1 that end with their test. They must not know checks. */

import { createServer as createHttp, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Place } from './examine.ts';

/** `talk`: what is done with each connection. */
export async function tcp(t: TestContext, talk: (socket: Socket) => void): Promise<Place> {
  return await listening(
    t,
    createServer((socket) => {
      // Clients of these tests hang up whenever they please.
      socket.on('error', () => socket.destroy());
      talk(socket);
    }),
  );
}

/** Answers each line, or whatever comes in one piece, by a function; null: hangs up. */
export async function talker(
  t: TestContext,
  answer: (said: Buffer) => Buffer | string | null,
): Promise<Place> {
  return await tcp(t, (socket) => {
    socket.on('data', (said) => {
      const reply = answer(said);
      if (reply === null) socket.end();
      else socket.write(reply);
    });
  });
}

export async function http(
  t: TestContext,
  answer: RequestListener,
  prepare: (server: HttpServer) => void = () => undefined,
): Promise<Place> {
  const server = createHttp(answer);
  prepare(server);
  return await listening(t, server);
}

export async function listening(t: TestContext, server: Server): Promise<Place> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { port: address.port };
}
