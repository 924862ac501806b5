/** Requests that a config lets the audit send: a method and a path, as in `POST /orders`. Pure; it must not know what is sent. */

/** `POST` alone: before other methods a browser asks, and a GET that changes something cannot be tried without doing it. */
export const DECLARED_REQUEST = /^POST \/[!-"$-~]*$/;

/** The path with its query; null: it is no such request. */
export function declaredPath(text: unknown): string | null {
  return typeof text === 'string' && DECLARED_REQUEST.test(text) ? text.slice('POST '.length) : null;
}

/** Of one service: what is sent to it stays a number that can be stated. */
export const MOST_DECLARED = 5;
