/** Whether a page lists the files of a directory, by its structure: every server writes it differently. Pure. */

import { attribute } from './page.ts';
import { bodyText, type Reply } from './reply.ts';

export interface Listing {
  /** Relative to the directory; as they are linked. */
  readonly links: readonly string[];
  /** What makes it a listing, beside the links. */
  readonly sign: string;
}

/** Null: it is none. `authority`: of the server. */
export function listingOf(reply: Reply, directory: string, authority: string): Listing | null {
  if (reply.status !== 200) return null;
  const html = withoutSheets(bodyText(reply)).slice(0, MOST_READ);
  const anchors = anchorsOf(html);
  const inside = anchors.filter(({ href }) => isInside(href, directory));
  const links = inside.flatMap(({ href, label, title }) => {
    const name = nameIn(href, directory);
    // Its label is its name, at least the beginning of it: long ones are cut. Where sizes stand in the link too, its title is.
    return name !== null && (isNameOf(label, name) || title === name) ? [href] : [];
  });
  if (links.length === 0 || links.length < inside.length / 2) return null;
  const hrefs = anchors.map(({ href }) => href);
  const sign = signOf(html, { directory, authority, hrefs, entries: links.length });
  return sign === null ? null : { links: [...new Set(links)], sign };
}

/** Patterns are bounded, and tried on so much: a server must not be able to keep us busy. */
const MOST_READ = 65_536;

/** Listings with pictures in their style sheets are long before the first name. In one walk, whatever is closed or not. */
function withoutSheets(html: string): string {
  const [first = '', ...more] = html.split(/<(?=style\b|script\b|svg\b)/i);
  const kept = more.map((part) => {
    const [, tag = ''] = /^(\w+)/.exec(part) ?? [];
    const end = part.toLowerCase().indexOf(`</${tag.toLowerCase()}`);
    return end < 0 ? '' : part.slice(end);
  });
  return [first, ...kept].join('');
}

interface Anchor {
  readonly href: string;
  readonly label: string;
  /** What is shown when a mouse stands on it; empty: nothing. */
  readonly title: string;
}

function anchorsOf(html: string): readonly Anchor[] {
  return [...html.matchAll(/<a\b([^>]{0,2000})>/gi)].flatMap(({ 0: tag, 1: attributes = '', index }) => {
    const href = attribute(attributes, 'href');
    const rest = html.slice(index + tag.length, index + tag.length + MOST_LABEL);
    if (href === null) return [];
    const title = unescaped(attribute(attributes, 'title') ?? '');
    return [{ href: unescaped(href), label: words(rest.split(/<\/a/i)[0] ?? ''), title }];
  });
}

const MOST_LABEL = 999;

interface Place {
  readonly directory: string;
  readonly authority: string;
  readonly hrefs: readonly string[];
  readonly entries: number;
}

function signOf(html: string, { directory, authority, hrefs, entries }: Place): string | null {
  const titles = [...html.matchAll(TITLE)].slice(0, 3).map(([, , inside = '']) => words(inside));
  if (titles.some((title) => LISTING.test(title))) return 'its title says so';
  if (hrefs.some((href) => /^(?:\.\/)?\.\.\/?$/.test(href))) return 'it links to the directory above';
  if (hrefs.filter((href) => SORTING.test(href)).length >= 2) return 'it can be sorted by name, size or date';
  const facts = words(html).match(FACT)?.length ?? 0;
  const host = authority.replace(/:\d+$/, '');
  const own = [directory, directory.replace(/\/$/, ''), `${authority}${directory}`, `${host}${directory}`];
  if (facts > 0 && titles.some((title) => title !== '' && own.includes(title)))
    return 'its title is the path, with sizes or dates below';
  // A page with a few downloads has sizes too.
  return entries >= 2 && facts >= entries ? 'each has a size or a date' : null;
}

const TITLE = /<(title|h1|h2)\b[^>]{0,200}>([\s\S]{0,999}?)<\/\1>/gi;
const LISTING =
  /\bindex of\b|\b(?:directory|file) list(?:ing)?\b|\blisting (?:of|for|directory)\b|\bfiles within\b/i;
const SORTING = /^(?:\.?\/)?\?(?=.*\b(?:sort|order|[CNMSO])=)/i;

const FACT =
  /\b\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d|\b\d\d[-/][A-Z][a-z]{2}[-/]\d{4} \d\d:\d\d|\b\d{4}-[A-Z][a-z]{2}-\d\d \d\d:\d\d|\b\d{1,2}\/\d{1,2}\/\d{4},? \d{1,2}:\d\d|\b\d+(?:\.\d+)? ?(?:[KMG]i?B?|bytes|B)\b/gi;

/** False: it leads to another server, up, to the page itself, or to another order of it. */
function isInside(href: string, directory: string): boolean {
  if (/^(?:[?#]|$|\.\/?(?:[?#]|$)|(?:\.\/)?\.\.(?:[/?#]|$)|[a-z][a-z0-9+.-]*:|\/\/)/i.test(href))
    return false;
  const path = href.replace(/[?#].*$/, '');
  return !(path.startsWith('/') && path.endsWith('/') && directory.startsWith(path));
}

/** Of one entry of that very directory; null: it leads elsewhere, or up. */
function nameIn(href: string, directory: string): string | null {
  const path = href.replace(/[?#].*$/, '').replace(/^\.\//, '');
  const rest = path.startsWith(directory) && path.startsWith('/') ? path.slice(directory.length) : path;
  if (!/^[^/:]+\/?$/.test(rest) || /^\.\.\/?$/.test(rest)) return null;
  try {
    return decodeURIComponent(rest.replace(/\/$/, ''));
  } catch {
    // Whatever it is, no server of files wrote it.
    return null;
  }
}

function isNameOf(label: string, name: string): boolean {
  const bare = label.replace(/\/$/, '').replace(/(?:\.\.>|…)$/, '');
  return bare !== '' && (name === bare || (bare.length >= 8 && name.startsWith(bare)));
}

function words(html: string): string {
  return unescaped(html.replace(/<[^>]{0,2000}>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

const ENTITIES: readonly (readonly [RegExp, string])[] = [
  [/&nbsp;/gi, ' '],
  [/&gt;/gi, '>'],
  [/&quot;/gi, '"'],
  [/&amp;/gi, '&'],
];

/** The few that servers write into names and paths. */
function unescaped(text: string): string {
  const numbered = text.replace(
    /&#(?:x([0-9a-f]{1,4})|(\d{1,5}));/gi,
    (_, hex?: string, decimal?: string) => {
      return String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    },
  );
  return ENTITIES.reduce((rest, [entity, character]) => rest.replace(entity, character), numbered).replaceAll(
    '\u00a0',
    ' ',
  );
}
