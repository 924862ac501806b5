/**
 * Makes two answers comparable: what differs from one request to the next by nature (echoed hosts, ports and paths, times, nonces) is
 * taken out first. Pure; it must not know checks.
 */

/** `echoed`: words of the request that the answer may repeat. */
export function normalise(text: string, echoed: readonly string[]): string {
  let rest = text;
  for (const word of [...echoed].sort((one, other) => other.length - one.length))
    if (word.length > 1) rest = rest.replaceAll(word, '');
  for (const pattern of VOLATILE) rest = rest.replace(pattern, '');
  return rest.replace(/\s+/g, ' ').trim();
}

/** Of two normalised texts: equal, or so much of their word triples that only details can differ. */
export function isSimilar(one: string, other: string): boolean {
  if (one === other) return true;
  const [left, right] = [triples(one), triples(other)];
  if (left.size < FEW || right.size < FEW) return false;
  let common = 0;
  for (const triple of left) if (right.has(triple)) common += 1;
  return (2 * common) / (left.size + right.size) >= ALIKE;
}

const VOLATILE: readonly RegExp[] = [
  /\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? \d{1,2} [a-z]{3} \d{4} [\d:]{5,8}(?: gmt)?/gi,
  /\b\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:z|[+-]\d\d:?\d\d)?/gi,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  // Tokens: long, and of letters and digits mixed as words are not.
  /\b(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])[\w+/-]{16,}={0,2}/gi,
  /\d+/g,
];

/** Below so many triples one word more or less is a difference. */
const FEW = 30;
const ALIKE = 0.9;

function triples(text: string): ReadonlySet<string> {
  const words = text.split(' ');
  return new Set(words.slice(2).map((word, index) => `${words[index]} ${words[index + 1]} ${word}`));
}
