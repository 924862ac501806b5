/** Many services under one manager: started, all ready, stopped; the same for `lo`, the bare prototype and the peers. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allAnswer, allRefuse } from './measure.mjs';
import { PROTOTYPE } from './programs.mjs';

const STOP_LIMIT_MS = 8000;
const FIRST_PORT = 20_000;

/** `chain`: each service needs the one before. */
export function loFleet(sandbox, server, size, { chain = false } = {}) {
  return { name: 'lo', run: () => runLo(sandbox, server, size, chain) };
}

/** With a daemon that runs already and knows nothing. Ready: by `lo up --detach` itself, ownership proven; that it is true is looked at after. */
async function runLo(sandbox, server, size, chain) {
  const project = sandbox.project(loServices(server, size, chain));
  await sandbox.run(project, ['ls']);
  const up = await sandbox.run(project, ['up', '--detach']);
  const { services } = await sandbox.json(project, ['ps']);
  const places = services.flatMap(({ endpoints }) =>
    endpoints.map(({ address, port }) => ({ host: address, port })),
  );
  if (places.length !== size || services.some(({ state }) => state !== 'ready'))
    throw new Error('lo: not all ready');
  await allAnswer(places, 0);
  const down = await sandbox.run(project, ['down']);
  const left = sandbox.processes(server[0]).length;
  await sandbox.stopDaemon(project);
  sandbox.sweep();
  return { up: up.ms, down: down.ms, left };
}

export function loServices(server, size, chain) {
  const services = {};
  for (let index = 0; index < size; index += 1) {
    const needs = chain && index > 0 ? { needs: [`s${index - 1}`] } : {};
    services[`s${index}`] = { run: server.join(' '), port: 8080, ...needs };
  }
  return services;
}

export function prototypeFleet(sandbox, server, size, { chain = false } = {}) {
  return { name: 'bare Node prototype', run: () => runPrototype(sandbox, server, size, chain) };
}

/** Ready: by its own word. */
async function runPrototype(sandbox, server, size, chain) {
  const file = join(sandbox.directory(), 'spec.json');
  const spec = plainServices(server, size).map((service, index) => ({
    ...service,
    needs: chain && index > 0 ? [index - 1] : [],
  }));
  writeFileSync(file, JSON.stringify(spec));
  const began = performance.now();
  const child = spawn(process.execPath, [PROTOTYPE, file], {
    env: sandbox.variables(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const up = performance.now() - began;
  const stopping = performance.now();
  child.kill('SIGTERM');
  await once(child, 'exit');
  const down = performance.now() - stopping;
  return { up, down, left: sandbox.sweep() };
}

export function peerFleet(sandbox, peer, server, size) {
  return { name: peer.name, run: () => runPeer(sandbox, peer, plainServices(server, size)) };
}

/** Ready: all ports answer, since no peer knows readiness. */
async function runPeer(sandbox, peer, services) {
  const directory = sandbox.directory();
  const start = peer.start(peer.program, directory, services);
  const options = { cwd: directory, env: sandbox.variables(start.env) };
  const command = async (args) => {
    const child = spawn(start.program, args, { ...options, stdio: 'ignore' });
    await once(child, 'exit');
  };
  if (start.before) await command(start.before);
  const began = performance.now();
  const child = spawn(start.program, start.args, { ...options, stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = once(child, 'exit');
  await allAnswer(services);
  const up = performance.now() - began;
  const stopping = performance.now();
  const stopped = stop(child, exited, start.quit, command).then(() => allRefuse(services, STOP_LIMIT_MS));
  await withinLimit(stopped);
  const down = performance.now() - stopping;
  const left = sandbox.processes(services[0].argv[0]).length;
  if (start.after) await command(start.after);
  sandbox.sweep();
  await exited;
  return { up, down, left };
}

async function stop(child, exited, quit, command) {
  if (quit.run) {
    await command(quit.run);
    return;
  }
  if (quit.keys) child.stdin.write(quit.keys);
  else child.kill(quit.signal);
  await exited;
}

/** What is not gone by then is counted as left. */
async function withinLimit(work) {
  let timer;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, STOP_LIMIT_MS);
  });
  await Promise.race([work.catch(() => limit), limit]);
  clearTimeout(timer);
}

/** An address of loopback that hardly anybody else uses, another one each time: no port of an earlier round is in the way. */
function plainServices(server, size) {
  const octet = () => 1 + Math.floor(Math.random() * 250);
  const host = `127.${100 + Math.floor(Math.random() * 100)}.${octet()}.${octet()}`;
  return Array.from({ length: size }, (_, index) => {
    const port = FIRST_PORT + index;
    return { name: `s${index}`, argv: [...server, host, String(port)], host, port };
  });
}
