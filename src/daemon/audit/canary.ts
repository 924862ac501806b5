/**
 * What proves that a server reads files or forwards requests for strangers: a file outside every served directory and a listener, both
 * ours and both unknown to everybody. Made when the first check asks, once for a whole audit. It must not know checks.
 */

import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Canary } from '../../audit/tools.ts';

export class Canaries {
  readonly #nonce: () => string;
  #made: Promise<Made> | null = null;

  constructor(nonce: () => string) {
    this.#nonce = nonce;
  }

  async get(): Promise<Canary> {
    this.#made ??= make(this.#nonce);
    return (await this.#made).canary;
  }

  async remove(): Promise<void> {
    const made = await this.#made;
    if (made === null) return;
    made.listener.close();
    process.off('exit', made.leave);
    await rm(made.directory, { recursive: true, force: true });
  }
}

interface Made {
  readonly canary: Canary;
  readonly directory: string;
  readonly listener: CanaryListener;
  /** For a process that ends in between. */
  leave(): void;
}

async function make(nonce: () => string): Promise<Made> {
  const directory = await mkdtemp(join(tmpdir(), 'lo-canary-'));
  const leave = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', leave);
  const path = join(directory, `${nonce()}.txt`);
  const content = `canary ${nonce()}\n`;
  await writeFile(path, content);
  // Servers that run as somebody else have to be able to leak it.
  await chmod(directory, 0o755);
  await chmod(path, 0o644);
  const listener = new CanaryListener(content);
  const port = await listener.listen();
  const canary: Canary = { path, content, port, visits: (word) => listener.visits(word) };
  return { canary, directory, listener, leave };
}

/** Of what one connection says; more is not needed to know a word. */
const MOST_HEARD = 4096;
const MOST_CONNECTIONS = 500;

class CanaryListener {
  readonly #server: Server;
  readonly #heard: string[] = [];
  readonly #open = new Set<Socket>();

  constructor(content: string) {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\nConnection: close\r\n\r\n`;
    this.#server = createServer((socket) => this.#listenTo(socket, `${head}${content}`));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  visits(word: string): number {
    return this.#heard.filter((said) => said.includes(word)).length;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }

  #listenTo(socket: Socket, answer: string): void {
    const index = this.#heard.push('') - 1;
    // Whoever comes so often is no forwarder of ours.
    if (index >= MOST_CONNECTIONS) return void socket.destroy();
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    // It may go whenever it pleases.
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const said = `${this.#heard[index]}${bytes.toString('latin1')}`.slice(0, MOST_HEARD);
      this.#heard[index] = said;
      if (said.includes('\r\n\r\n')) socket.end(answer);
    });
  }
}
