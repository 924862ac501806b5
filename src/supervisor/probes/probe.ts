/** One small contract for every way in which a program shows that it is ready: one file each beside this one. */

/** One attempt: null when it passed, else the reason in words. Ends soon after `signal` is aborted, with the reason up to then. */
export type Attempt = (signal: AbortSignal) => Promise<string | null>;

/** So long may one attempt take, in ms. */
export const ATTEMPT_TIMEOUT_MS = 2000;

export interface Place {
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
}

/** `127.64.0.1:80`, `[::1]:80`. */
export function placeText({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What a failed connection means, in words. */
export function connectionFailure(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
      return 'the connection was reset';
    case 'ETIMEDOUT':
    case 'ABORT_ERR':
      return 'no answer';
    default:
      return error.message;
  }
}
