/** As printer.c, where there is no C compiler. */

import { writeFileSync, writeSync } from 'node:fs';

const [count, stamp] = process.argv.slice(2);
const TEXT = ' the quick brown fox jumps over the lazy dog while the log file keeps growing..\n';
const BATCH = 500;
writeFileSync(stamp, `${process.hrtime.bigint()}\n`);
for (let line = 1; line <= Number(count); ) {
  let text = '';
  for (const end = Math.min(line + BATCH, Number(count) + 1); line < end; line += 1)
    text += String(line).padStart(8, '0') + TEXT;
  writeAll(Buffer.from(text));
}

function writeAll(bytes) {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      // A full pipe that is not blocking: the reader needs the processor, so just try again.
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
