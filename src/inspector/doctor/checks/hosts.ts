/** The hosts file: what it says about localhost, and whether programs can read it as it is meant. */

import type { HostsFacts, HostsLine } from '../../../platform/health.ts';
import { type Check, count, type Finding, fail, quoted, together, warn } from '../check.ts';
import { isLoopback } from './localhost.ts';

type Readable = HostsFacts & { readonly state: 'read' };

/** Every lookup reads the whole file: from here on it is felt. */
const HUGE_BYTES = 1_000_000;

export const hosts: Check = {
  id: 'hosts',
  title: 'Hosts file',
  group: 'network',
  async examine({ health }) {
    const file = await health.hostsFile();
    if (file.state === 'missing') return warn(`${file.path} is missing`, append(file.path, BOTH));
    if (file.state === 'unreadable') {
      return warn(
        `${file.path} cannot be read (${file.code}): programs of this user do not see it`,
        `sudo chmod 644 ${quoted(file.path)}`,
      );
    }
    const problems = [...missing(file), ...strange(file), ...doubled(file), ...form(file)];
    return together(problems, `${file.path} gives 127.0.0.1 and ::1 to localhost`);
  },
};

const BOTH = ['127.0.0.1 localhost', '::1 localhost'];

/** Begins with an empty line: the last line of the file may lack its end. */
function append(path: string, lines: readonly string[]): string {
  return `printf '\\n${lines.map((line) => `${line}\\n`).join('')}' | sudo tee -a ${quoted(path)}`;
}

function commentOut(path: string, { line }: HostsLine): string {
  return `sudo sed -i '${line}s/^/# /' ${quoted(path)}`;
}

/** Lines about the very name `localhost`. */
function plain(file: Readable): readonly HostsLine[] {
  return file.lines.filter(({ names }) => names.some((name) => /^localhost\.?$/i.test(name)));
}

function missing(file: Readable): readonly Finding[] {
  const given = new Set(plain(file).map(({ address }) => address));
  const wanted = ['127.0.0.1', '::1'].filter((address) => !given.has(address));
  if (wanted.length === 0) return [];
  const fix = append(
    file.path,
    wanted.map((address) => `${address} localhost`),
  );
  return [warn(`${file.path} does not give ${wanted.join(' and ')} to localhost`, fix)];
}

function strange(file: Readable): readonly Finding[] {
  return file.lines
    .filter(({ address }) => !isLoopback(address))
    .map((line) =>
      fail(
        `line ${line.line} gives ${line.address} to ${line.names.join(', ')}, which belongs to the loopback addresses`,
        commentOut(file.path, line),
      ),
    );
}

function doubled(file: Readable): readonly Finding[] {
  const seen = new Map<string, number>();
  return plain(file).flatMap((line) => {
    if (!isLoopback(line.address)) return [];
    const first = seen.get(line.address);
    seen.set(line.address, first ?? line.line);
    if (first === undefined) return [];
    const text = `lines ${first} and ${line.line} both give ${line.address} to localhost, so programs get it twice`;
    return [warn(text, commentOut(file.path, line))];
  });
}

function form(file: Readable): readonly Finding[] {
  const problems: Finding[] = [];
  if (file.crlf) {
    problems.push(
      warn(
        'its lines end as on Windows (CRLF): the last name of each line does not match',
        `sudo sed -i 's/\\r$//' ${quoted(file.path)}`,
      ),
    );
  }
  if (file.bytes > HUGE_BYTES) {
    const size = `${(file.bytes / 1_000_000).toFixed(1)} MB, ${count(file.entries, 'entry', 'entries')}`;
    problems.push(
      warn(
        `it is huge (${size}; an advertisement block list?): every lookup reads all of it`,
        'move the list into a local nameserver such as dnsmasq or unbound',
      ),
    );
  }
  return problems;
}
