/** What the benches measure with: ports that answer, medians, interleaved rounds, facts of /proc. Linux only where it reads /proc. */

import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 2;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs every contender once a round, the first one rotating, so that a slow minute of the machine is everybody's.
 * `measure(contender)` gives an object of numbers; the answer has the medians of each by contender.
 */
export async function interleaved(contenders, rounds, measure, note) {
  const taken = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % contenders.length;
    for (const contender of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      taken.get(contender).push(await measure(contender));
    }
    note?.(round + 1, taken);
  }
  return new Map([...taken].map(([contender, samples]) => [contender, medians(samples)]));
}

function medians(samples) {
  const keys = Object.keys(samples[0] ?? {});
  return {
    ...Object.fromEntries(keys.map((key) => [key, median(samples.map((sample) => sample[key]))])),
    samples,
  };
}

/** The median over the rounds of what one had beside the other: a machine that is slow for a while is so for both of a round. */
export function ratioByRounds(one, other, key) {
  return median(one.samples.map((sample, round) => sample[key] / other.samples[round][key]));
}

/** Resolves once each place ({host, port}, or {path} of a unix socket) has taken a connection: the time of the last one. Rejects after `limitMs`. */
export async function allAnswer(places, limitMs = 60_000) {
  const deadline = performance.now() + limitMs;
  for (const place of places)
    while (!(await answers(place))) await rest(deadline, `${wordsOf(place)} did not answer`);
}

/** Resolves once no place takes a connection any more. */
export async function allRefuse(places, limitMs = 60_000) {
  const deadline = performance.now() + limitMs;
  for (const place of places)
    while (await answers(place)) await rest(deadline, `${wordsOf(place)} still answers`);
}

async function rest(deadline, problem) {
  if (performance.now() > deadline) throw new Error(problem);
  await delay(LOOK_MS);
}

function wordsOf({ host, port, path = `${host}:${port}` }) {
  return path;
}

function answers(place) {
  return new Promise((resolve) => {
    const socket = connect(place);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Proportional set size, in MB. Readable for own processes only. */
export function pssMb(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Pss:\s+(\d+)/m.exec(text)[1]) / 1024;
}

/** CPU time of the process, all its threads, so far, in ms (10 ms steps). */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** How often threads of the process went to sleep of themselves: what an idle process that polls does. */
export function wakeUps(pid) {
  let all = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
    all += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)[1]);
  }
  return all;
}
