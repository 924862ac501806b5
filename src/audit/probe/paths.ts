/**
 * Which paths of a server give something of their own: what other sites may read of them is worth a look. Found by its page, by its
 * scripts and by usual names; asked once for all checks. It must not know checks.
 */

import type { Http } from './http.ts';
import { fetchedPaths, type PageScript, scriptsOf } from './page.ts';
import { bodyText, header, type Reply } from './reply.ts';

export interface OwnPath {
  readonly path: string;
  /** To an honest request. */
  readonly reply: Reply;
}

const USUAL: readonly string[] = [
  '/api',
  '/api/v1',
  '/api/status',
  '/api/health',
  '/api/users',
  '/health',
  '/healthz',
  '/status',
  '/version',
  '/openapi.json',
  '/users',
  '/items',
  '/graphql?query=%7B__typename%7D',
];
const MOST_SCRIPTS = 3;
const MOST_FETCHED = 4;
const MOST = 6;

/** `known`: paths of the config. Those with a 2xx and a body that a path which does not exist has not. Empty: there is nothing that could be compared. */
export async function ownPaths(http: Http, known: readonly string[]): Promise<readonly OwnPath[]> {
  const own: OwnPath[] = [];
  // What streams on cannot be compared.
  if (!(await http.control()).whole) return own;
  for (const path of await candidates(http, known)) {
    const reply = await http.control(path);
    if (await isOwn(http, path, reply)) own.push({ path, reply });
    if (own.length === MOST) break;
  }
  return own;
}

/** The scripts of the first page, those that other sites could run first. */
export async function pageScripts(http: Http): Promise<readonly PageScript[]> {
  const page = await http.control();
  if (!isHtml(page)) return [];
  const scripts = scriptsOf(textOf(page), http.authority);
  return [...scripts.filter(({ classic }) => classic), ...scripts.filter(({ classic }) => !classic)].slice(
    0,
    MOST_SCRIPTS,
  );
}

/** The first page and its scripts, as text. */
export async function pageTexts(http: Http): Promise<readonly string[]> {
  const texts = [textOf(await http.control())];
  for (const { path } of await pageScripts(http)) texts.push(textOf(await http.control(path)));
  return texts;
}

/** The beginning is enough to find what a page opens. */
const MOST_TEXT = 200_000;

function textOf(reply: Reply): string {
  return bodyText(reply).slice(0, MOST_TEXT);
}

export function isHtml(reply: Reply): boolean {
  return (
    reply.status < 300 &&
    (/html/i.test(header(reply, 'content-type') ?? '') || /^\s*<(?:!doctype|html)/i.test(bodyText(reply)))
  );
}

/** The page itself, what it and its scripts ask for, its scripts, then usual names. */
async function candidates(http: Http, known: readonly string[]): Promise<readonly string[]> {
  const fetched = (await pageTexts(http)).flatMap(fetchedPaths).slice(0, MOST_FETCHED);
  const scripts = (await pageScripts(http)).map(({ path }) => path);
  return [...new Set(['/', ...known, ...fetched, ...scripts, ...USUAL])];
}

async function isOwn(http: Http, path: string, reply: Reply): Promise<boolean> {
  if (reply.status < 200 || reply.status > 299 || bodyText(reply).trim() === '') return false;
  const words = [path, ...path.split('/')].filter((word) => word.length > 2);
  return (
    !http.isAlike(reply, await http.miss('data'), words) &&
    !http.isAlike(reply, await http.miss('page'), words)
  );
}
