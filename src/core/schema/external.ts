/** The schema of `external:`. Its keys are told on the page as one; it must not know who needs what it names. */

import * as z from 'zod/mini';
import { expected, nonEmptyText } from './fields.ts';
import { name, portNumber } from './parts.ts';

const addressText = nonEmptyText('an address with a port, such as 127.0.0.1:8443');

const externalMap = z.strictObject(
  {
    address: z.optional(addressText),
    /** The address may be that of another machine. */
    'other-machine': z.optional(z.boolean(expected('true or false'))),
    /** Another environment on this machine, by its name from `lo ls`. */
    environment: z.optional(nonEmptyText('the name of an environment')),
    /** Its service; missing: the name of the entry. */
    service: z.optional(name),
    /** Its endpoint; missing: the first. */
    endpoint: z.optional(name),
    /** What callers are told, where `environment` is given. */
    port: z.optional(portNumber),
    protocol: z.optional(
      z.enum(['tcp', 'http', 'https', 'postgres', 'redis'], expected('a protocol such as `tcp` or `http`')),
    ),
  },
  expected('an address with a port, or a map'),
);

export const externalSchema = z.record(
  name,
  z.union(
    [portNumber, addressText, externalMap],
    expected('a port, an address with a port, or a map with `address` or `environment`'),
  ),
  expected('a map of names to addresses'),
);
