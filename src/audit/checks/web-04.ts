/** WEB-04: pages of every site can open a WebSocket to a server and hear what its own page hears (cross-site WebSocket hijacking). */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { type SocketPlace, socketPlaces } from '../probe/page.ts';
import { pageTexts } from '../probe/paths.ts';
import { type Heard, openSocket } from '../probe/websocket.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const web04: ListenerCheck = {
  id: 'WEB-04',
  title: 'Pages of every site can use its WebSocket',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: true,
  references: [
    'CWE-1385',
    'CVE-2018-14732',
    'CVE-2025-24010',
    'CVE-2025-30360',
    'CVE-2026-27977',
    'CVE-2026-27148',
  ],
  speaks: ['http', 'https'],
  requests: 44,
  fix: 'compare Origin with a list of your own before the handshake is answered, and refuse all others with 403 (no Origin at all comes from programs, not from pages)',
  probe:
    'Looks for WebSockets: those in the page and its scripts, then usual paths. Opens each as its own page would, twice, then with foreign origins: a name, an address, `null`, and a rebinding Host. Sends a ping and listens for 0.9 s.',
  rule: 'Vulnerable when a foreign origin hears the same classes of messages as the own page, and the ping comes back alike. That the handshake succeeds alone says nothing: some servers send an error and close.',
  examine: async (context) => {
    const found = await openings(context);
    if (found.length === 0) return notApplicable('no WebSocket was found');
    const outcomes: Outcome[] = [];
    for (const place of found) {
      const outcome = await tryPlace(place, context);
      if (outcome.verdict === 'vulnerable') return outcome;
      outcomes.push(outcome);
    }
    return outcomes.find(({ verdict }) => verdict === 'inconclusive') ?? outcomes[0] ?? safe('');
  },
};

/** Where servers and tools have them by custom. */
const USUAL: readonly SocketPlace[] = [
  { path: '/', protocol: null },
  { path: '/ws', protocol: null },
  { path: '/graphql', protocol: 'graphql-transport-ws' },
  ...[
    '/socket',
    '/websocket',
    '/api/ws',
    '/live',
    '/livereload',
    '/hot',
    '/sockjs-node/websocket',
    '/socket.io/?EIO=4&transport=websocket',
    '/storybook-server-channel',
    '/_next/webpack-hmr',
    '/ng-cli-ws',
    '/cable',
  ].map((path) => ({ path, protocol: null })),
];
const MOST_IN_PAGE = 4;
/** A server that takes any path has one WebSocket, not twenty. */
const MOST_OPEN = 2;

interface Open {
  readonly place: SocketPlace;
  /** As its own page hears it. */
  readonly own: Heard;
}

/** All at once: many servers leave unanswered what leads nowhere. */
async function openings(context: ListenerContext): Promise<readonly Open[]> {
  const inPage = (await pageTexts(context.http)).flatMap(socketPlaces).slice(0, MOST_IN_PAGE);
  const known = inPage.map(({ path }) => path);
  const places = [...inPage, ...USUAL.filter(({ path }) => !known.includes(path))];
  const all = await Promise.all(
    places.map(async (place) => ({ place, own: await heard(place, context, ownOrigin(context)) })),
  );
  return all.filter(({ own }) => own.accepted && !isHungUp(own)).slice(0, MOST_OPEN);
}

/** Some tools let their page ask whether they are back, and close. */
function isHungUp({ closed, pong, classes }: Heard): boolean {
  return closed && !pong && classes.length === 0;
}

interface Page {
  readonly origin: string;
  readonly host: string;
  /** In words. */
  readonly who: string;
}

async function tryPlace({ place, own }: Open, context: ListenerContext): Promise<Outcome> {
  // At once, so that all of them hear the same part of what a server tells everybody.
  const [again, ...attacks] = await Promise.all(
    [ownOrigin(context), ...strangers(context)].map((page) => heard(place, context, page)),
  );
  if (again === undefined || !isTalking(own) || !isTalking(again))
    return inconclusive(`the WebSocket at ${place.path} answers no ping and says nothing`);
  if (again.closed !== own.closed || (own.classes.length > 0 && common(own, again).length === 0))
    return inconclusive(`the WebSocket at ${place.path} tells its own page something else each time`);
  const heardBy = strangers(context).filter((_, index) => isSame(attacks[index], own, again));
  const [first] = heardBy;
  if (first === undefined) return safe(`the WebSocket at ${place.path} is for its own origin`);
  return vulnerable(
    'behavioural',
    [
      `the WebSocket at ${place.path} was opened by ${heardBy.map(({ who }) => who).join(', ')}`,
      own.pong
        ? 'a ping with a random word came back to the foreign page'
        : 'it answers no ping, not even to its own page',
      own.classes.length > 0
        ? `it said what the own page hears: ${common(own, again).slice(0, 3).join(', ')}`
        : 'the own page hears nothing more: it waits to be told what to do',
    ],
    {
      fix: fixFor(context.target, FIXES) ?? web04.fix,
      ...(tellsMuch(own) ? { severity: { loopback: 'high', network: 'high' } } : {}),
    },
  );
}

function ownOrigin({ http: { authority, tls } }: ListenerContext): Page {
  return {
    origin: `${tls === null ? 'http' : 'https'}://${authority}`,
    host: authority,
    who: 'its own page',
  };
}

/** 203.0.113.0/24 belongs to documents: nobody is there. Some servers refuse names and let addresses in, or the other way round. */
function strangers({ http: { authority }, target }: ListenerContext): readonly Page[] {
  const rebound = `rebind-check.example:${target.port}`;
  return [
    { origin: 'http://cswsh-check.example', host: authority, who: 'a foreign site' },
    { origin: 'http://203.0.113.9', host: authority, who: 'a site without a name (203.0.113.9)' },
    { origin: 'null', host: authority, who: 'a sandboxed frame (`null`)' },
    { origin: `http://${rebound}`, host: rebound, who: 'a page by DNS rebinding' },
  ];
}

async function heard(
  place: SocketPlace,
  { connect, http: { tls } }: ListenerContext,
  page: Page,
): Promise<Heard> {
  return await openSocket({ ...place, origin: page.origin, host: page.host }, { connect, tls });
}

function isTalking({ accepted, pong, classes }: Heard): boolean {
  return accepted && (pong || classes.length > 0);
}

/** What the own page hears each time: the rest is chance. */
function common(one: Heard, other: Heard): readonly string[] {
  return one.classes.filter((name) => other.classes.includes(name));
}

/** Nothing that the own page never hears, such as an error, and something of what it always hears. */
function isSame(attack: Heard | undefined, own: Heard, again: Heard): boolean {
  if (attack === undefined || !attack.accepted) return false;
  if (attack.pong !== own.pong || attack.closed !== own.closed) return false;
  const known = [...own.classes, ...again.classes];
  const always = common(own, again);
  return (
    attack.classes.every((name) => known.includes(name)) &&
    (always.length === 0 || attack.classes.some((name) => always.includes(name)))
  );
}

/** More than a greeting. */
const GREETING_BYTES = 64;

function tellsMuch({ frames }: Heard): boolean {
  return frames.reduce((sum, { payload }) => sum + payload.length, 0) > GREETING_BYTES;
}

const FIXES: readonly ProgramFix[] = [
  { program: /\bvite\b/, fix: 'update vite to 6.0.9, 5.4.12 or later: its WebSocket then asks for a token' },
  {
    program: /\bwebpack(?:-dev-server)?\b/,
    fix: "update webpack-dev-server to 5.2.1 or later, and take `allowedHosts: 'all'` out of webpack.config",
  },
  { program: /\bstorybook\b/, fix: 'update storybook to 10.2.10, 9.1.19, 8.6.17 or later' },
  { program: /\bnext(?:-server)?\b/, fix: 'update next to 16.1.7 or later' },
  {
    program: /\b(?:node|tsx|nodemon|bun)\b/,
    fix: 'look at Origin before the handshake: with ws `new WebSocketServer({ verifyClient: ({ origin }) => ORIGINS.includes(origin) })`, with Socket.IO `allowRequest`',
  },
];
