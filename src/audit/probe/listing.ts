/** Whether a page lists the files of a directory, by its structure: every server writes it differently. Pure. */

import { attribute } from './page.ts';
import { bodyText, type Reply } from './reply.ts';

export interface Listing {
  /** Relative to the directory; as they are linked. */
  readonly links: readonly string[];
  /** What makes it a listing, beside the links. */
  readonly sign: string;
}

/** Null: it is none. */
export function listingOf(reply: Reply, directory: string): Listing | null {
  if (reply.status !== 200) return null;
  const html = withoutSheets(bodyText(reply)).slice(0, MOST_READ);
  const anchors = anchorsOf(html);
  const links = anchors.flatMap(({ href, label }) => {
    const name = nameIn(href, directory);
    // Its label is its name, at least the beginning of it: long ones are cut.
    return name !== null && isNameOf(label, name) ? [href] : [];
  });
  if (links.length < FEWEST || links.length < anchors.length / 2) return null;
  const sign = signOf(html, anchors);
  return sign === null ? null : { links: [...new Set(links)], sign };
}

const FEWEST = 2;
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
}

function anchorsOf(html: string): readonly Anchor[] {
  return [...html.matchAll(/<a\b([^>]{0,2000})>/gi)].flatMap(({ 0: tag, 1: attributes = '', index }) => {
    const href = attribute(attributes, 'href');
    const rest = html.slice(index + tag.length, index + tag.length + MOST_LABEL);
    return href === null ? [] : [{ href: unescaped(href), label: words(rest.split(/<\/a/i)[0] ?? '') }];
  });
}

const MOST_LABEL = 999;

function signOf(html: string, anchors: readonly Anchor[]): string | null {
  const [, title = ''] = /<(?:title|h1)\b[^>]{0,200}>([\s\S]{0,999}?)<\/(?:title|h1)>/i.exec(html) ?? [];
  if (/\bindex of\b|\b(?:directory )?listing\b|\bfiles within\b/i.test(words(title)))
    return 'its title says so';
  if (anchors.some(({ href }) => /^(?:\.\.\/?|\.\/\.\.\/?)$/.test(href)))
    return 'it links to the directory above';
  const facts = words(html).match(
    /\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d|\b\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d|\b\d+(?:\.\d+)? ?(?:[KMG]i?B|bytes|B)\b/g,
  );
  return (facts?.length ?? 0) >= FEWEST ? 'it has sizes or dates of files' : null;
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
  [/&#x2f;|&#47;/gi, '/'],
  [/&nbsp;|&#160;/gi, ' '],
  [/&gt;/gi, '>'],
  [/&amp;/gi, '&'],
];

/** The few that servers write into names and paths. */
function unescaped(text: string): string {
  return ENTITIES.reduce((rest, [entity, character]) => rest.replace(entity, character), text);
}
