/** The static file server as a program, for its tests: one on a free port of 127.0.0.1, over files of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { dist } from '../support/paths.ts';

export const PROGRAM = join(dist, 'static-server.js');

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Site {
  readonly root: string;
  /** Beside the root: what must never be served. */
  readonly outside: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly line: string;
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Answer>;
}

export async function serve(t: TestContext, flags: readonly string[] = []): Promise<Site> {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'static-')));
  const root = join(outside, 'site');
  mkdirSync(join(root, 'sub', 'deep'), { recursive: true });
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<h1>häuptling</h1>');
  writeFileSync(join(root, 'a.txt'), 'abcdefghij');
  writeFileSync(join(root, '.env'), 'PASSWORD=1');
  writeFileSync(join(root, 'sub', 'page.html'), 'page');
  writeFileSync(join(root, 'sub', 'ümläut & more.js'), '1');
  const args = [PROGRAM, '--root', root, '--host', '127.0.0.1', '--port', '0', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    await ended(child, 'SIGKILL');
    rmSync(outside, { recursive: true, force: true });
  });
  const line = await firstLine(child);
  const port = Number(/:(\d+)$/.exec(line)?.[1]);
  const get: Site['get'] = (path, headers = {}, method = 'GET') => ask(port, path, headers, method);
  return { root, outside, port, child, line, get };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    child.on('exit', () => reject(new Error(`ended before it listened: ${text}`)));
  });
}

export function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<{ code: number | null }> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve({ code: child.exitCode });
    child.on('exit', (code) => resolve({ code }));
    child.kill(signal);
  });
}

function ask(port: number, path: string, headers: Record<string, string>, method: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

export function pick({ status, body }: Answer): { status: number; body: string } {
  return { status, body };
}

export async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
