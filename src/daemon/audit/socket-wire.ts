/** A connected socket as a `Wire`: collects what comes, within time and bytes. It must not know where it leads, nor what is spoken. */

import type { Socket } from 'node:net';
import type { Received, ReceivedEnd, TlsFacts, Wire } from '../../audit/probe/wire.ts';
import { after } from '../../platform/patience.ts';

export class SocketWire implements Wire {
  readonly tls: TlsFacts | null;
  readonly #socket: Socket;
  readonly #answerMs: number;
  readonly #mostBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #total = 0;
  #end: ReceivedEnd | null = null;
  #changed: (() => void) | null = null;

  constructor(socket: Socket, tls: TlsFacts | null, answerMs: number, mostBytes: number) {
    this.tls = tls;
    this.#socket = socket;
    this.#answerMs = answerMs;
    this.#mostBytes = mostBytes;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.once('end', () => this.#finish('closed'));
    socket.once('error', () => this.#finish('reset'));
    socket.once('close', () => this.#finish('closed'));
  }

  send(bytes: Uint8Array | string): void {
    // One that is closed meanwhile says so when it is read.
    if (!this.#socket.destroyed && this.#socket.writable)
      this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  async receive(enough: (bytes: Buffer) => boolean, withinMs = this.#answerMs): Promise<Received> {
    let late = false;
    const cancel = after(withinMs, () => {
      late = true;
      this.#changed?.();
    });
    try {
      for (;;) {
        const bytes = this.#joined();
        if (enough(bytes)) return this.#give(bytes, 'complete');
        if (this.#end !== null) return this.#give(bytes, this.#end);
        if (late) return this.#give(bytes, 'silent');
        await new Promise<void>((resolve) => {
          this.#changed = resolve;
        });
        this.#changed = null;
      }
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#finish('closed');
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    const room = this.#mostBytes - this.#total;
    const kept = bytes.subarray(0, room);
    this.#chunks.push(kept);
    this.#held += kept.length;
    this.#total += bytes.length;
    if (this.#total >= this.#mostBytes) {
      this.#finish('too much');
      this.#socket.destroy();
    }
    this.#changed?.();
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#held)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #give(bytes: Buffer, end: ReceivedEnd): Received {
    this.#chunks = [];
    this.#held = 0;
    return { bytes, end };
  }

  #finish(end: ReceivedEnd): void {
    this.#end ??= end;
    this.#changed?.();
  }
}
