/** Lines of a table of /proc, without its header, read in large blocks: the kernel formats only what is asked for. */

import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK = 256 * 1024;

/** A file that is not there has no lines: the kernel lacks that family. `unreadable` hears of any other failure. */
export function* lines(file: string, unreadable: (why: string) => void): Generator<string> {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') unreadable(code);
    return;
  }
  try {
    const buffer = Buffer.allocUnsafe(BLOCK);
    let rest = '';
    let header = true;
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      const complete = (rest + buffer.toString('latin1', 0, length)).split('\n');
      rest = complete.pop() ?? '';
      for (const line of complete) {
        if (!header) yield line;
        header = false;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
