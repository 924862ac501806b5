/** Rows: 100 independent services to all ready, stopping them, and a chain of 100. */

import { loFleet, peerFleet, prototypeFleet } from '../fleet.mjs';
import { interleaved } from '../measure.mjs';

const SIZE = 100;
const PEERS = ['overmind', 'mprocs', 'foreman', 'nf', 'concurrently', 'pm2'];
/** The peers of the budget, by design; the others are there to see. */
const MEASURE = ['overmind', 'mprocs', 'foreman'];
const CHAIN_LIMIT_MS = 1200;

export async function independent({ sandbox, programs, rounds, peers, note }) {
  const known = peers(PEERS);
  const fleets = [
    loFleet(sandbox, programs.server, SIZE),
    prototypeFleet(sandbox, programs.server, SIZE),
    ...known
      .filter(({ program }) => program !== null)
      .map((peer) => peerFleet(sandbox, peer, programs.server, SIZE)),
  ];
  const medians = await interleaved(fleets, rounds, (fleet) => fleet.run(), note);
  const of = (name) => [...medians].find(([fleet]) => fleet.name === name)?.[1] ?? null;
  const lo = of('lo');
  const missing = known.filter(({ program }) => program === null).map(({ name }) => name);
  return [
    upTable({ lo, of, fleets, missing, known }),
    {
      title: 'stopping them, until all ports refuse and the manager or its command has ended (no budget)',
      lines: fleets.map(({ name }) => {
        const { down, left } = of(name);
        return {
          name,
          value: down,
          unit: 'ms',
          ratio: lo.down / down,
          text: left > 0 ? `${left} left running` : '',
        };
      }),
    },
  ];
}

function upTable({ lo, of, fleets, missing, known }) {
  const versions = new Map(known.map(({ name, version }) => [name, version]));
  const lines = fleets.map(({ name }) => {
    const { up } = of(name);
    return {
      name: [name, versions.get(name)].filter(Boolean).join(' '),
      value: up,
      unit: 'ms',
      ratio: lo.up / up,
    };
  });
  const fastest = MEASURE.map((name) => ({ name, up: of(name)?.up }))
    .filter(({ up }) => up !== undefined)
    .sort((a, b) => a.up - b.up)[0];
  const bare = of('bare Node prototype').up;
  return {
    title: `${SIZE} independent services to all ready`,
    lines: [...lines, ...missing.map((name) => ({ name, text: 'not installed' }))],
    budgets: [
      fastest === undefined
        ? { text: '<= 1.0 x the fastest of overmind, mprocs, foreman', value: null }
        : {
            text: `<= 1.0 x ${fastest.name}, the fastest of overmind, mprocs, foreman here`,
            value: lo.up / fastest.up,
            most: 1,
          },
      { text: '<= 1.5 x the bare Node prototype', value: lo.up / bare, most: 1.5 },
    ],
  };
}

export async function chain({ sandbox, programs, rounds, note }) {
  const shape = { chain: true };
  const fleets = [
    loFleet(sandbox, programs.server, SIZE, shape),
    prototypeFleet(sandbox, programs.server, SIZE, shape),
  ];
  const medians = await interleaved(fleets, rounds, (fleet) => fleet.run(), note);
  const [lo, bare] = fleets.map((fleet) => medians.get(fleet));
  return [
    {
      title: `chain of ${SIZE}, each waits for the TCP readiness of the one before`,
      lines: [
        { name: 'lo', value: lo.up, unit: 'ms', ratio: 1 },
        { name: 'bare Node prototype', value: bare.up, unit: 'ms', ratio: lo.up / bare.up },
      ],
      budgets: [
        {
          text: `<= ${CHAIN_LIMIT_MS} ms on a quiet 2-core machine`,
          value: lo.up,
          unit: 'ms',
          most: CHAIN_LIMIT_MS,
        },
      ],
    },
  ];
}
