/** The reason of a failure for who reads why a service failed: with what to do about it, e.g. which package to install. Pure. */

import { LoopyardError, reasonOf } from '../core/errors.ts';

export function withNextStep(error: unknown): string {
  return error instanceof LoopyardError ? `${error.message}; ${error.hint}` : reasonOf(error);
}
