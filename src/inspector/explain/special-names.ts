/** Names that stand apart from the DNS by their last part. Pure; it must not look anything up. */

export interface SpecialName {
  readonly text: string;
  readonly source: string;
}

/** Null: a name like any other. */
export function specialName(name: string): SpecialName | null {
  const row = ROWS.find(([suffix]) => name === suffix || name.endsWith(`.${suffix}`));
  return row === undefined ? null : { text: row[1], source: row[2] };
}

/** Source: IANA's registry of special-use domain names (RFC 6761), and ICANN's reservation of .internal. */
const ROWS: readonly (readonly [string, string, string])[] = [
  ['localhost', 'names ending in .localhost always mean this machine', 'RFC 6761'],
  ['local', 'names ending in .local are asked for by multicast on the local network', 'RFC 6762'],
  ['test', 'names ending in .test are for tests: no name server of the Internet knows them', 'RFC 6761'],
  ['invalid', 'names ending in .invalid lead nowhere, by definition', 'RFC 6761'],
  ['example', 'names ending in .example are for documentation', 'RFC 6761'],
  ['home.arpa', 'names ending in .home.arpa belong to the home network that asks', 'RFC 8375'],
  ['internal', 'names ending in .internal are for private networks', 'ICANN, 2024'],
  ['onion', 'names ending in .onion are reached through Tor alone', 'RFC 7686'],
  ['alt', 'names ending in .alt are no DNS names', 'RFC 9476'],
  ['dev', 'names ending in .dev are public ones, to which browsers speak HTTPS only', 'HSTS preload list'],
  ['app', 'names ending in .app are public ones, to which browsers speak HTTPS only', 'HSTS preload list'],
];

/** RFC 6761, section 6.3. */
export function isLocalhostName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}
