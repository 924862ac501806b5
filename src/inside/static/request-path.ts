/** What a request's target means, before any file is looked at. Pure. */

export type RequestPath =
  | {
      readonly kind: 'path';
      /** Decoded names, none of them empty or hidden. */
      readonly segments: readonly string[];
      /** Ends with `/`: a directory is meant. */
      readonly isDirectory: boolean;
      /** As it came. */
      readonly raw: string;
      /** With its `?`, or ''. */
      readonly query: string;
    }
  | { readonly kind: 'malformed' }
  /** Well formed, and never served: hidden files, and whatever could mean another place than it seems to. */
  | { readonly kind: 'refused' };

export function requestPath(target: string): RequestPath {
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target;
  const [, raw, query] = /^(\/[^?#]*)(\?[^#]*)?/.exec(path) ?? [];
  if (raw === undefined) return { kind: 'malformed' };
  const names = raw.slice(1).split('/');
  const isDirectory = names.at(-1) === '';
  const segments = (isDirectory ? names.slice(0, -1) : names).map(decoded);
  if (segments.includes(null)) return { kind: 'malformed' };
  const known = segments.filter((segment) => segment !== null);
  if (known.some(isSuspect)) return { kind: 'refused' };
  return { kind: 'path', segments: known, isDirectory, raw, query: query ?? '' };
}

/** The only names that a browser reaches this machine by; anything else is a foreign page's name pointed at us (DNS rebinding). */
export function isOwnHost(header: string | undefined, address: string): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(:\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || name.endsWith('.localhost') || name === address || name === `[${address}]`;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    // No UTF-8 behind the percent signs.
    return null;
  }
}

function isSuspect(name: string): boolean {
  return name === '' || name.startsWith('.') || /[/\\\0]/.test(name);
}
