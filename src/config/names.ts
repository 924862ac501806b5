/**
 * Any words -> a name that Loopyard accepts for a project or a service.
 */

const LONGEST = 63;

/** `@acme/Web App` -> `acme-web-app`; `fallback` when nothing is left. */
export function sanitiseName(words: string, fallback: string): string {
  const plain = words.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const name = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, LONGEST)
    .replace(/-+$/, '');
  return name === '' ? fallback : name;
}
