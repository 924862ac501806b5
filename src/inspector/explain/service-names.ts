/** The names that IANA registered for ports. The data is read when somebody asks for it; `scripts/service-names.mjs` makes it. */

import type { PortFacts } from '../../core/inspection.ts';

export type Registered = Pick<PortFacts, 'registered' | 'registryDate'>;
type Entry = PortFacts['registered']['tcp'];

export async function registeredNames(port: number): Promise<Registered> {
  const { default: registry } = await import('./service-names.json', { with: { type: 'json' } });
  const rows = registry.rows.filter((row) => row.startsWith(`${port} `)).map(parseRow);
  const find = (transport: string): Entry =>
    rows.find(({ transports }) => transports.includes(transport))?.entry ?? null;
  return { registered: { tcp: find('t'), udp: find('u') }, registryDate: registry.date };
}

function parseRow(row: string): { readonly transports: string; readonly entry: NonNullable<Entry> } {
  const [, transports = '', name = '', ...words] = row.split(' ');
  return { transports, entry: { name, text: words.join(' ') } };
}
