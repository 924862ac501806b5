/** A question with yes or no as its answer. It must only be asked where somebody sits. */

import { createInterface } from 'node:readline';
import type { Printer } from './printer/printer.ts';
import type { World } from './world.ts';

/** Anything but `y` or `yes` is a no, the end of the input as well. */
export async function ask(world: World, printer: Printer, question: string): Promise<boolean> {
  printer.endDrawing(true);
  world.stderr.write(`${question} [y/N] `);
  const reader = createInterface({ input: world.stdin });
  try {
    const answer = await new Promise<string>((resolve) => {
      reader.once('line', resolve);
      reader.once('close', () => resolve(''));
    });
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    reader.close();
  }
}
