/** `external:` -> targets outside the project that services may need. It must not know which services need them. */

import { loopbackPlace } from '../../core/alias.ts';
import { LoopyardError } from '../../core/errors.ts';
import { parseIp } from '../../core/ip.ts';
import type { External } from '../../core/model.ts';
import type { RawExternals } from '../../core/schema.ts';
import type { Path, Reporter } from '../reporter.ts';

export function readExternals(
  raw: RawExternals | undefined,
  services: ReadonlySet<string>,
  report: Reporter,
): readonly External[] {
  return Object.entries(raw ?? {}).flatMap(([name, value]) => {
    const path = ['external', name];
    if (services.has(name)) {
      report.key(path, `\`${name}\` is a service of this project`, 'give one of the two another name');
      return [];
    }
    const given = typeof value === 'object' ? value : { address: String(value) };
    const target = readTarget(name, given, path, report);
    return target === null ? [] : [{ name, protocol: given.protocol ?? 'tcp', target }];
  });
}

type RawMap = Exclude<RawExternals[string], string | number>;

function readTarget(name: string, raw: RawMap, path: Path, report: Reporter): External['target'] | null {
  if ((raw.address === undefined) === (raw.environment === undefined)) {
    report.value(path, `external.${name}: one of \`address\` and \`environment\` is needed`);
    return null;
  }
  if (raw.address !== undefined) return readAddress(raw.address, raw['other-machine'] === true, path, report);
  const { environment = '', service = name, endpoint = null, port } = raw;
  if (port !== undefined) return { kind: 'environment', environment, service, endpoint, port };
  report.value(
    path,
    `external.${name}: \`port\` is missing`,
    'callers are told it, wherever the service listens',
  );
  return null;
}

function readAddress(
  text: string,
  mayBeFar: boolean,
  path: Path,
  report: Reporter,
): External['target'] | null {
  const far = mayBeFar ? farPlace(text) : null;
  if (far !== null) return { kind: 'address', ...far };
  try {
    return { kind: 'address', ...loopbackPlace(text, 'say `other-machine: true` when it is meant') };
  } catch (error) {
    // Words that people may write; anything else is a bug.
    if (!(error instanceof LoopyardError)) throw error;
    report.value(path, String(error.details.reason), String(error.details.fix));
    return null;
  }
}

/** An IP address, never a name: where a name leads is decided elsewhere, and may change. */
function farPlace(text: string): { readonly address: string; readonly port: number } | null {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  const port = Number(digits);
  if (address === undefined || parseIp(address) === null || port < 1 || port > 65_535) return null;
  return { address, port };
}
