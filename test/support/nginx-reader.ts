/** Bytes as nginx reads them: the third opinion on what our engine accepts. It says of each request what it took it for. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

/** For each request that nginx read in these bytes: method, target, Host, Content-Length; then how it went on. Of a chunked one the length means nothing. */
export interface NginxReading {
  readonly requests: readonly string[];
  /** `end`: what was asked behind them was read as a request of its own. Else the status of a refusal, or that nginx closed. */
  readonly behind: 'end' | 'closed' | number;
}

/** A body that is longer for nginx than for us swallows what was asked behind it. */
const PATIENCE_MS = 5000;

export class NginxReader {
  readonly #directory = mkdtempSync(join(tmpdir(), 'lo-nginx-'));
  readonly #nginx: ChildProcess;
  #socket: Socket | null = null;
  #heard = '';
  #closed = true;
  #last = 0;
  /** More was heard, or nothing follows. */
  #moved: () => void = () => undefined;

  /** `program`: of nginx. Resolves when it answers. */
  static async start(program: string): Promise<NginxReader> {
    const reader = new NginxReader(program);
    await until(() => reader.#canConnect());
    return reader;
  }

  private constructor(program: string) {
    const file = join(this.#directory, 'nginx.conf');
    mkdirSync(join(this.#directory, 'temp'));
    writeFileSync(file, configuration(this.#directory));
    this.#nginx = spawn(program, ['-p', this.#directory, '-e', 'stderr', '-c', file], { stdio: 'ignore' });
  }

  async read(bytes: Buffer): Promise<NginxReading> {
    if (this.#closed) await this.#connect();
    this.#heard = '';
    this.#last += 1;
    const mark = `/end-of-${this.#last}`;
    const isOver = (): boolean =>
      this.#closed || this.#heard.includes(`GET ${mark} end`) || refusal(this.#heard) > 0;
    const over = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`nginx waits behind ${this.#heard}`)), PATIENCE_MS);
      this.#moved = () => {
        if (!isOver()) return;
        clearTimeout(late);
        resolve();
      };
    });
    this.#socket?.write(Buffer.concat([bytes, Buffer.from(`GET ${mark} HTTP/1.1\r\nHost: end\r\n\r\n`)]));
    await over;
    const requests = [...this.#heard.matchAll(/^X-Read: (.*)\r$/gm)].map(([, words = '']) => plain(words));
    const status = refusal(this.#heard);
    if (status > 0) this.#hangUp();
    const ended = requests.at(-1)?.startsWith(`GET ${mark} end `) === true;
    if (ended) requests.pop();
    return { requests, behind: ended ? 'end' : status > 0 ? status : 'closed' };
  }

  async close(): Promise<void> {
    this.#hangUp();
    this.#nginx.kill('SIGTERM');
    if (this.#nginx.exitCode === null && this.#nginx.signalCode === null) await once(this.#nginx, 'exit');
    rmSync(this.#directory, { recursive: true });
  }

  async #canConnect(): Promise<boolean> {
    try {
      await this.#connect();
      return true;
    } catch {
      // It does not listen yet.
      return false;
    }
  }

  async #connect(): Promise<void> {
    const socket = connect({ path: join(this.#directory, 'door') });
    this.#socket = socket;
    await once(socket, 'connect');
    this.#closed = false;
    socket.setEncoding('latin1').on('data', (text: string) => {
      if (this.#socket !== socket) return;
      this.#heard += text;
      this.#moved();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#closed = true;
      this.#moved();
    });
  }

  #hangUp(): void {
    this.#socket?.destroy();
    this.#closed = true;
  }
}

/** `007` is 7. */
function plain(words: string): string {
  const [method, target, host, length = ''] = words.split(' ');
  return `${method} ${target} ${host} ${length === '' ? 'none' : Number(length)}`;
}

/** 0: there is none. Replies of ours are all 204; what comes before a reply is below 200. */
function refusal(heard: string): number {
  const match = /^HTTP\/1\.1 ([3-5]\d\d)/m.exec(heard);
  return match === null ? 0 : Number(match[1]);
}

function configuration(directory: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${directory}/temp/${name};`)
    .join('\n');
  const read = '$request_method $request_uri $http_host $content_length';
  return `daemon off;
master_process off;
pid ${directory}/pid;
error_log stderr crit;
events {}
http {
  access_log off;
${temporary}
  keepalive_requests 100000000;
  keepalive_timeout 1h;
  client_max_body_size 0;
  large_client_header_buffers 8 64k;
  underscores_in_headers on;
  server {
    listen unix:${directory}/door;
    location / {
      add_header X-Read "${read}";
      return 204;
    }
  }
}
`;
}
