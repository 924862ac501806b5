/**
 * Follows the body of a message through the reads of a socket: which bytes are its content, and where it ends. Chunk sizes are read
 * strictly (RFC 9112 7.1); extensions and trailers are checked and left out. It must not know sockets.
 */

import { CR, LF } from './characters.ts';
import { readFields } from './fields.ts';
import type { Framing } from './framing.ts';

/** All extensions, or all trailers, of one body: nobody sends more than a few, and each byte is work that carries nothing. */
const MOST_ASIDE = 8192;
/** 2^44 bytes; larger than any disk, and far from where numbers lose their last digit. */
const MOST_DIGITS = 11;

export interface BodyStep {
  /** Index behind the last byte that was looked at. */
  readonly end: number;
  readonly done: boolean;
}

/** Errors are sentences: the message is broken and its connection must end. */
export type BodyError = string;

export interface BodyReader {
  /** Looks at `bytes` from `from` on; hands on content in pieces. What follows the end of the body is not touched. */
  read(bytes: Buffer, from: number, content: (piece: Buffer) => void): BodyStep | BodyError;
  /** The connection ended: true when that is the end of the body. */
  ended(): boolean;
}

export function bodyReader(framing: Framing): BodyReader {
  switch (framing.kind) {
    case 'none':
      return { read: (_bytes, from) => ({ end: from, done: true }), ended: () => true };
    case 'length':
      return lengthReader(framing.length);
    case 'chunked':
      return new ChunkedReader();
    case 'until-close':
      return {
        read: (bytes, from, content) => {
          content(from === 0 ? bytes : bytes.subarray(from));
          return { end: bytes.length, done: false };
        },
        ended: () => true,
      };
  }
}

function lengthReader(length: number): BodyReader {
  let left = length;
  return {
    read(bytes, from, content) {
      const end = Math.min(bytes.length, from + left);
      left -= end - from;
      if (end > from) content(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
      return { end, done: left === 0 };
    },
    ended: () => left === 0,
  };
}

type ChunkState = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailer' | 'done';

class ChunkedReader implements BodyReader {
  #state: ChunkState = 'size';
  #digits = 0;
  #left = 0;
  #aside = 0;
  #trailer = '';
  #extensions = '';

  read(bytes: Buffer, from: number, content: (piece: Buffer) => void): BodyStep | BodyError {
    let at = from;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        content(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = 'data-cr';
        continue;
      }
      const error = this.#byte(bytes[at] ?? 0);
      if (error !== null) return error;
      at += 1;
    }
    return { end: at, done: this.#state === 'done' };
  }

  ended(): boolean {
    return this.#state === 'done';
  }

  #byte(byte: number): BodyError | null {
    switch (this.#state) {
      case 'size':
        return this.#size(byte);
      case 'extension':
        return this.#extension(byte);
      case 'size-lf':
        return this.#sizeEnd(byte);
      case 'data-cr':
        this.#state = 'data-lf';
        return byte === CR ? null : 'a chunk longer than its size';
      case 'data-lf':
        this.#state = 'size';
        return byte === LF ? null : 'CR without LF behind a chunk';
      case 'trailer':
        return this.#trailerByte(byte);
      case 'data':
      case 'done':
        throw new Error(`no single byte belongs to the state ${this.#state}`);
    }
  }

  #size(byte: number): BodyError | null {
    const digit = DIGITS[byte] ?? -1;
    if (digit >= 0) {
      this.#digits += 1;
      if (this.#digits > MOST_DIGITS) return 'a chunk size that is too long';
      this.#left = this.#left * 16 + digit;
      return null;
    }
    if (this.#digits === 0) return 'a chunk without a size';
    if (byte === CR) this.#state = 'size-lf';
    else if (byte === SEMICOLON) this.#state = 'extension';
    else return 'a chunk size that is no hexadecimal number';
    return null;
  }

  #extension(byte: number): BodyError | null {
    if (byte !== CR) {
      this.#aside += 1;
      this.#extensions += String.fromCharCode(byte);
      return this.#aside > MOST_ASIDE ? 'chunk extensions that are too long' : null;
    }
    if (!EXTENSIONS.test(this.#extensions)) return 'chunk extensions that are none';
    this.#extensions = '';
    this.#state = 'size-lf';
    return null;
  }

  #sizeEnd(byte: number): BodyError | null {
    if (byte !== LF) return 'CR without LF behind a chunk size';
    this.#state = this.#left === 0 ? 'trailer' : 'data';
    this.#digits = 0;
    return null;
  }

  /** Byte by byte: trailers are rare, and short. */
  #trailerByte(byte: number): BodyError | null {
    this.#trailer += String.fromCharCode(byte);
    if (this.#trailer.length > MOST_ASIDE) return 'trailers that are too long';
    if (byte !== LF) return null;
    const complete = this.#trailer === '\r\n' || this.#trailer.endsWith('\r\n\r\n');
    if (!complete) return this.#trailer.endsWith('\r\n') ? null : 'LF without CR in the trailers';
    const fields = readFields({ bytes: Buffer.from(this.#trailer, 'latin1'), text: this.#trailer }, 0);
    if (typeof fields === 'string') return fields;
    if (fields.end !== this.#trailer.length) return 'bytes behind the trailers';
    const { host, contentLength, transferEncoding } = fields.specials;
    // RFC 9110 6.5.1. A program that merged them with the head would see another message.
    if (host !== null || contentLength !== null || transferEncoding !== null)
      return 'trailers that say where a message goes or ends';
    this.#state = 'done';
    return null;
  }
}

const SEMICOLON = 0x3b;
/** RFC 9112 7.1.1 without blanks and backslashes, about which parsers differ; behind the first `;`. */
const EXTENSIONS =
  /^[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"[ !#-[\]-~]*"))?(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"[ !#-[\]-~]*"))?)*$/;
const DIGITS = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});
