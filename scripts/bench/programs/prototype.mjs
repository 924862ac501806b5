/**
 * The bare Node prototype that `lo` is measured against: spawns what has no unmet needs, connects with growing pauses, counts down.
 * No state, logs, proof or waiter. Usage: prototype.mjs SPEC.json ([{argv, host, port, needs: [index]}]); says "ready", stays, SIGTERM ends all.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const services = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const waiting = services.map((service) => service.needs.length);
const dependents = services.map(() => []);
services.forEach((service, index) => {
  for (const need of service.needs) dependents[need].push(index);
});
const children = [];
let left = services.length;

services.forEach((_, index) => {
  if (waiting[index] === 0) start(index);
});
process.on('SIGTERM', () => {
  let alive = children.length;
  for (const child of children) {
    child.once('exit', () => --alive === 0 && process.exit(0));
    process.kill(-child.pid, 'SIGTERM');
  }
});

function start(index) {
  const { argv } = services[index];
  children.push(spawn(argv[0], argv.slice(1), { detached: true, stdio: 'ignore' }));
  probe(index, 5);
}

function probe(index, pause) {
  const { host, port } = services[index];
  const socket = connect(port, host);
  socket.once('connect', () => socket.destroy() && ready(index));
  socket.once('error', () => setTimeout(probe, pause, index, Math.min(100, pause * 1.5)));
}

function ready(index) {
  for (const dependent of dependents[index]) if (--waiting[dependent] === 0) start(dependent);
  if (--left === 0) process.stdout.write('ready\n');
}
