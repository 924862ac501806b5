/**
 * Looks at a project that has no config and proposes one: from a Procfile, else from package.json's workspaces or scripts. It proposes
 * only what it found, and changes nothing.
 */

import { basename, join, posix } from 'node:path';
import type { Found, FoundService } from './found.ts';
import { type Manager, managerOf, type Package, readPackage } from './package.ts';
import { fromProcfile } from './procfile.ts';
import { servicesOfScripts } from './scripts.ts';
import { readCompose, suggestionsOf } from './suggestions.ts';
import { findWorkspaces, type Workspace } from './workspaces.ts';
import { isWritable, writeConfig } from './write.ts';

export interface Discovery {
  /** The text of a `loopyard.yaml`, with comments. */
  readonly yaml: string;
  /** What it was made from, one sentence each without a full stop. */
  readonly findings: readonly string[];
}

/** null when nothing was found that could run. */
export async function discover(directory: string): Promise<Discovery | null> {
  const own = await readPackage(directory);
  const procfile = await fromProcfile(directory);
  const scripts = own === null || own === 'broken' ? null : await fromPackage(directory, own);
  const compose = await readCompose(directory);
  const main = procfile ?? scripts;
  if (main === null) return null;
  const services = main.services.filter(isWritable);
  if (services.length === 0) return null;
  const left = main.services.filter((service) => !isWritable(service));
  const findings = [
    ...main.findings,
    ...left.map((service) => `left out ${service.name}: its command cannot be read`),
    ...(own === 'broken' ? ['package.json is not valid JSON and was not read'] : []),
    ...(procfile !== null && scripts !== null ? ['package.json has scripts too; the Procfile counts'] : []),
    ...(compose === null ? [] : [composeFinding(compose)]),
  ];
  const suggestions = [...(compose?.suggestions ?? []), ...(scripts?.suggestions ?? [])];
  const name = own === null || own === 'broken' ? null : own.name;
  return { yaml: writeConfig(name ?? basename(directory), { services, suggestions, findings }), findings };
}

function composeFinding({
  file,
  services,
}: {
  readonly file: string;
  readonly services: readonly string[] | null;
}): string {
  const what = services === null || services.length === 0 ? '' : ` (${services.join(', ')})`;
  return `${file}${what} is there too: containers are not run by Loopyard, recipes can stand in for some`;
}

async function fromPackage(directory: string, own: Package): Promise<Found | null> {
  const manager = await managerOf(directory, own);
  const workspaces = await findWorkspaces(directory, own);
  const members = await Promise.all(
    workspaces.map((workspace) => fromWorkspace(directory, workspace, manager)),
  );
  const inWorkspaces = members.flat();
  // The root's own `dev` of a monorepo starts what its packages start.
  const services =
    inWorkspaces.length > 0
      ? inWorkspaces
      : await servicesOfScripts({ directory, cwd: null, package: own, manager, name: null });
  const suggestions = [
    ...suggestionsOf(own, 'package.json'),
    ...workspaces.flatMap((workspace) => suggestionsOf(workspace.package, `${workspace.path}/package.json`)),
  ];
  const findings =
    inWorkspaces.length > 0
      ? [`${count(workspaces.length, 'workspace')} of ${manager}, ${count(inWorkspaces.length, 'service')}`]
      : [`scripts of package.json: ${services.map((service) => service.run).join(', ')}`];
  return services.length === 0 ? null : { services, suggestions, findings };
}

async function fromWorkspace(
  root: string,
  { path, package: own }: Workspace,
  manager: Manager,
): Promise<readonly FoundService[]> {
  const name = own.name?.replace(/^@[^/]+\//, '') ?? posix.basename(path);
  return servicesOfScripts({ directory: join(root, path), cwd: path, package: own, manager, name });
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
