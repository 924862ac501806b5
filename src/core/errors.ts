/**
 * What is thrown when something goes wrong that a person can cause or meet; the table of all is `error-table.ts`. Anything thrown that
 * is not a `LoopyardError` is a bug of ours. This file must not know who prints an error or where it travels.
 */

import { ERRORS } from './error-table.ts';

export { ERRORS, type ErrorRow } from './error-table.ts';

export type ErrorCode = keyof typeof ERRORS;
export type Details = Readonly<Record<string, string | number>>;

/** What travels over the socket and stands in `--json`. */
export interface ErrorDocument {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly details: Details;
  /** Lines to show before the error, e.g. diagnostics with carets or a service's last output. */
  readonly context?: readonly string[];
}

/** An error with a row in the table. `details` fill the placeholders of message and hint. */
export class LoopyardError extends Error {
  override readonly name = 'LoopyardError';
  readonly code: ErrorCode;
  readonly details: Details;
  readonly hint: string;
  readonly context: readonly string[];

  constructor(code: ErrorCode, details: Details = {}, context: readonly string[] = [], cause?: unknown) {
    super(fill(ERRORS[code].message, details), cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
    this.hint = fill(ERRORS[code].hint, details);
    this.context = context;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  toDocument(): ErrorDocument {
    const { code, message, hint, details, context } = this;
    return context.length === 0
      ? { code, message, hint, details }
      : { code, message, hint, details, context };
  }

  static fromDocument(document: ErrorDocument): LoopyardError {
    return new LoopyardError(document.code, document.details, document.context ?? []);
  }
}

/** The words of an unknown thrown value, for a `{reason}`. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function fill(template: string, details: Details): string {
  return template.replace(/(?<!\$)\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}
