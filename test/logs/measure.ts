/**
 * Measures the log book; docs/notes/logs.md has the command and what came out. Prints JSON, one line per figure; CPU is user +
 * system of this process.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { linuxPlatform } from '../../src/platform/linux/platform.ts';
import { createLogBook, type LogBook, type ReadRequest } from '../../src/supervisor/logs/log-book.ts';

const LINES = 1_000_000;
/** 85 bytes a line. */
const WRITER = `const line = ' ' + 'x'.repeat(76) + '\\n'; let out = '';
for (let i = 0; i < ${LINES}; i++) { out += String(i).padStart(7, '0') + line; if (out.length > 60000) { require('fs').writeSync(1, out); out = ''; } }
require('fs').writeSync(1, out);`;
/** One write for each line, as most programs do. */
const LINEWISE = `const fs = require('fs'); const line = ' ' + 'x'.repeat(76) + '\\n';
for (let i = 0; i < ${LINES}; i++) fs.writeSync(1, String(i).padStart(7, '0') + line);`;

const top = mkdtempSync(join(tmpdir(), 'measure-'));
let books = 0;

function newBook(capBytes: number): { book: LogBook; file: (name: string) => string } {
  const directory = mkdtempSync(join(top, `${books++}-`));
  const platform = linuxPlatform();
  const book = createLogBook({ platform, now: Date.now, capBytes, warn: () => undefined });
  return { book, file: (name) => join(directory, `${name}.log`) };
}

function request(names: readonly string[], more: Partial<ReadRequest> = {}): ReadRequest {
  const services = names.map((name) => ({ service: name, name }));
  return { services, tail: -1, follow: false, signal: new AbortController().signal, ...more };
}

async function measured(what: string, work: () => Promise<Record<string, number>>): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const more = await work();
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    ms: Math.round(performance.now() - start),
    cpuMs: Math.round((user + system) / 1000),
    ...more,
  };
  const rss = Math.round(process.memoryUsage().rss / 1e6);
  process.stdout.write(`${JSON.stringify({ what, ...figures, rssMB: rss })}\n`);
}

async function write(file: string, script: string): Promise<void> {
  const log = openSync(file, 'a');
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', log, 'inherit'] });
  await once(child, 'exit');
}

async function burst(what: string, script: string, followers: number): Promise<void> {
  const { book, file } = newBook(50e6);
  book.open('a', file('a'));
  book.runStarts('a', 'a-1');
  const leave = new AbortController();
  await measured(what, async () => {
    let lines = 0;
    const follow = async (): Promise<void> => {
      let seen = 0;
      for await (const batch of book.readBatches(request(['a'], { follow: true, signal: leave.signal }))) {
        seen += batch.length;
        if (seen >= LINES) break;
      }
      lines += seen;
    };
    const all = Array.from({ length: followers }, follow);
    await write(file('a'), script);
    await Promise.all(all);
    return { lines };
  });
  leave.abort();
  await delay(400);
  book.close();
}

async function scans(): Promise<void> {
  const { book, file } = newBook(500e6);
  book.open('a', file('a'));
  book.runStarts('a', 'a-1');
  await write(file('a'), WRITER);
  for (let round = 0; round < 3; round++) {
    await measured('read 1M lines in batches', async () => {
      let lines = 0;
      for await (const batch of book.readBatches(request(['a']))) lines += batch.length;
      return { lines };
    });
    await measured('read 1M lines one by one', async () => {
      let lines = 0;
      for await (const _ of book.read(request(['a']))) lines++;
      return { lines };
    });
    await measured('read 1M lines to NDJSON in a file', async () => {
      const out = openSync(join(top, 'out'), 'w');
      let bytes = 0;
      for await (const batch of book.readBatches(request(['a']))) {
        let text = '';
        for (const line of batch) text += `${JSON.stringify(line)}\n`;
        bytes += writeSync(out, text);
      }
      return { bytes };
    });
    await measured('grep in 1M lines', async () => {
      let lines = 0;
      for await (const batch of book.readBatches(request(['a'], { grep: /999\d x/ }))) lines += batch.length;
      return { lines };
    });
    await measured('last 100 of 1M lines', async () => {
      let lines = 0;
      for await (const batch of book.readBatches(request(['a'], { tail: 100 }))) lines += batch.length;
      return { lines };
    });
  }
  book.close();
}

async function idle(services: number): Promise<void> {
  const { book, file } = newBook(50e6);
  const names = Array.from({ length: services }, (_, index) => `s${index}`);
  await measured(`open and begin ${services} logs`, async () => {
    for (const name of names) {
      book.open(name, file(name));
      book.runStarts(name, `${name}-1`);
    }
    return {};
  });
  await delay(1500);
  await measured(`${services} logs, idle, 5 s`, async () => {
    await delay(5000);
    return {};
  });
  const chat = setInterval(() => {
    const name = names[Math.floor(Math.random() * services)] ?? '';
    appendFileSync(file(name), 'hello\n');
  }, 10);
  await measured(`${services} logs, 100 lines a second over all, 5 s, the writing included`, async () => {
    await delay(5000);
    return {};
  });
  const leave = new AbortController();
  await measured('the same with one reader that follows all', async () => {
    setTimeout(() => leave.abort(), 5000);
    let lines = 0;
    for await (const batch of book.readBatches(
      request(names, { tail: 0, follow: true, signal: leave.signal }),
    ))
      lines += batch.length;
    return { lines };
  });
  clearInterval(chat);
  book.close();
}

async function latency(): Promise<void> {
  const { book, file } = newBook(50e6);
  book.open('a', file('a'));
  book.runStarts('a', 'a-1');
  const reader = book.read(request(['a'], { follow: true }))[Symbol.asyncIterator]();
  const found: number[] = [];
  for (let round = 0; round < 40; round++) {
    const next = reader.next();
    await delay(250);
    const start = performance.now();
    appendFileSync(file('a'), `line ${round}\n`);
    await next;
    found.push(performance.now() - start);
  }
  found.sort((one, other) => one - other);
  const [median, worst] = [found[20] ?? 0, found.at(-1) ?? 0].map((ms) => Math.round(ms * 100) / 100);
  process.stdout.write(`${JSON.stringify({ what: 'a line after a time of quiet', median, worst })}\n`);
  await reader.return?.();
  book.close();
}

try {
  for (let round = 0; round < 2; round++) {
    await measured('no book: 1M lines, large writes', async () => {
      await write(join(top, 'bare'), WRITER);
      return {};
    });
    await burst('1M lines, large writes, nobody follows', WRITER, 0);
    await burst('1M lines, large writes, one follows', WRITER, 1);
    await measured('no book: 1M lines, a write for each', async () => {
      await write(join(top, 'bare'), LINEWISE);
      return {};
    });
    await burst('1M lines, a write for each, nobody follows', LINEWISE, 0);
    await burst('1M lines, a write for each, one follows', LINEWISE, 1);
  }
  await scans();
  await latency();
  await idle(300);
} finally {
  rmSync(top, { recursive: true, force: true });
}
