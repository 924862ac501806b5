/** The system's resolver (getaddrinfo). It must not know which names are worth asking about. */

import { lookup } from 'node:dns/promises';
import type { LookUpAnswer } from './facts.ts';

export async function lookUp(name: string): Promise<LookUpAnswer> {
  try {
    const found = await lookup(name, { all: true, verbatim: true });
    return { addresses: [...new Set(found.map(({ address }) => address))], code: null };
  } catch (error) {
    // Its way of saying that it knows no address, or that it could not ask.
    return { addresses: [], code: (error as NodeJS.ErrnoException).code ?? 'UNKNOWN' };
  }
}
