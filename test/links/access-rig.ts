/** A shop whose db takes declared callers only, and callers of every kind, each of which tells how it fared. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import type { ServiceStatus, Warning } from '../../src/core/status.ts';
import { get, LinkLab, ON } from './rig.ts';

/** Says `db` to whoever says something. */
const DB = `
import { createServer } from 'node:net';
const { HOST, PORT, WIDE } = process.env;
createServer((socket) => { socket.on('error', () => {}); socket.once('data', () => socket.end('db')); }).listen(Number(PORT), WIDE ? '0.0.0.0' : HOST);
`;

/** Prints what it got, or the error that it met. */
const DIAL = `
import { connect } from 'node:net';
const [host, port] = process.argv.slice(2);
let got = '';
connect(Number(port), host).on('connect', function () { this.write('who?'); }).on('data', (bytes) => { got += bytes; })
  .on('end', () => console.log(got)).on('error', (error) => console.log(error.code));
`;

/** Dials for whoever asks by HTTP: \`/self\`, \`/child\` (a process of its own), \`/orphan\` (one that left family and session). */
const CALLER = `
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
const { HOST, PORT } = process.env;
const dial = (words, done) => execFile(words[0], words.slice(1), (error, stdout) => done(stdout.trim()));
createServer((request, response) => {
  const [, how, host, port] = request.url.split('/');
  const answer = (text) => response.end(text);
  const child = [process.execPath, 'dial.mjs', host, port];
  if (how === 'child') return dial(child, answer);
  if (how === 'orphan') return dial(['sh', '-c', '(setsid "$@" </dev/null &)', 'sh', ...child], answer);
  import('node:net').then(({ connect }) => {
    let got = '';
    connect(Number(port), host).on('connect', function () { this.write('who?'); }).on('data', (bytes) => { got += bytes; })
      .on('end', () => answer(got)).on('error', (error) => answer(error.code));
  });
}).listen(Number(PORT), HOST);
`;

const CONFIG = `
name: shop
services:
  db: { run: node db.mjs, port: { tcp: 5432 }, access: declared }
  api: { run: node caller.mjs, port: 3000, needs: [db] }
  web: { run: node caller.mjs, port: 3001 }
`;

export class AccessLab {
  readonly links: LinkLab;

  private constructor(t: TestContext, config: string) {
    this.links = new LinkLab(t, config);
    for (const [name, text] of [
      ['db.mjs', DB],
      ['dial.mjs', DIAL],
      ['caller.mjs', CALLER],
    ] as const)
      this.links.lab.write(name, text);
  }

  static async up(t: TestContext, config = CONFIG): Promise<AccessLab> {
    const lab = new AccessLab(t, config);
    await lab.links.up();
    return lab;
  }

  async service(name: string): Promise<ServiceStatus> {
    return await this.links.lab.service(name, ON);
  }

  async warnings(name = 'db'): Promise<readonly Warning[]> {
    return (await this.service(name)).warnings;
  }

  /** What is told as the address of db. */
  async door(): Promise<string> {
    const [endpoint] = (await this.service('db')).endpoints;
    return `${endpoint?.address}/${endpoint?.port}`;
  }

  async link(name: string): Promise<string> {
    const { listen } = await this.links.link(name);
    return `${listen.address}/${listen.port}`;
  }

  /** Where db listens itself. */
  async hidden(): Promise<string> {
    const { upstream } = await this.links.link(':db');
    return `${upstream?.address}/${upstream?.port}`;
  }

  /** Has a service dial. */
  async from(service: string, how: 'self' | 'child' | 'orphan', place: string): Promise<string> {
    return await get(`${await this.links.url(service)}/${how}/${place}`);
  }

  /** `lo exec`, `lo test` and the like with a program that dials. */
  async by(words: readonly string[], place: string): Promise<string> {
    return (
      await this.links.must([...words, '--', process.execPath, 'dial.mjs', ...place.split('/')])
    ).trim();
  }

  /** The pid and the fate of a program that nobody of ours started. */
  async stray(place: string, variables: Readonly<Record<string, string>> = {}): Promise<[number, string]> {
    const child = spawn(process.execPath, ['dial.mjs', ...place.split('/')], {
      cwd: this.links.lab.directory,
      env: { PATH: process.env.PATH ?? '', ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
    });
    await once(child, 'close');
    return [child.pid ?? 0, said.trim()];
  }
}

/** Dials from this very process: `db`, or the error. */
export function dialFrom(place: string): Promise<string> {
  const [host, port] = place.split('/');
  return new Promise((resolve) => {
    let got = '';
    const socket = connect({ host: host ?? '', port: Number(port) }, () => socket.write('who?'));
    socket
      .on('data', (bytes) => {
        got += bytes;
      })
      .on('end', () => resolve(got))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}
