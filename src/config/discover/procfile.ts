/**
 * `Procfile` and `Procfile.dev` (foreman, overmind, Heroku) -> services.
 */

import { isThere, readSmall } from './files.ts';
import type { Found, FoundPort, FoundService } from './found.ts';
import { portOf } from './ports.ts';

const NAMES = ['Procfile.dev', 'Procfile'] as const;

export async function fromProcfile(directory: string): Promise<Found | null> {
  for (const name of NAMES) {
    const text = await readSmall(directory, name);
    const lines = text === null ? [] : readProcfile(text);
    if (lines.length === 0) continue;
    // foreman and overmind read it by themselves.
    const envFile = (await isThere(directory, '.env')) ? '.env' : null;
    const services = lines.map((line, at) => toService(line, at, name, envFile));
    const what = lines.length === 1 ? '1 process' : `${lines.length} processes`;
    return { services, suggestions: [], findings: [`${name}: ${what}`] };
  }
  return null;
}

interface ProcfileLine {
  readonly name: string;
  readonly command: string;
}

/** Lines that are not `name: command` are comments to foreman, and so they are here. */
function readProcfile(text: string): readonly ProcfileLine[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name, command] = /^([A-Za-z0-9_-]+):\s*(\S.*)$/.exec(line) ?? [];
    return name === undefined || command === undefined ? [] : [{ name, command: command.trim() }];
  });
}

function toService(
  { name, command }: ProcfileLine,
  at: number,
  file: string,
  envFile: string | null,
): FoundService {
  // Heroku runs `release` to its end before each deployment.
  const task = name === 'release';
  return {
    name,
    run: command,
    cwd: null,
    port: task ? null : port(name, command, at),
    task,
    envFile,
    origin: file,
  };
}

/** foreman gives the first process port 5000, the next 5100. */
function port(name: string, command: string, at: number): FoundPort | null {
  const known = portOf(command);
  if (known !== null) return known;
  const listens = name === 'web' || /\$\{?PORT\b/.test(command);
  return listens ? { port: 5000 + 100 * at, because: 'what foreman would give' } : null;
}
