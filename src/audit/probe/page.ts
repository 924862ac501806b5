/**
 * What a page and its scripts tell about the server: scripts, paths that are fetched, WebSockets. Pure; lenient, as browsers are. Patterns
 * are bounded: a server must not be able to keep us busy.
 */

export interface PageScript {
  /** With its query; of the same server. */
  readonly path: string;
  /** False: a module, which other sites cannot run without being let in. */
  readonly classic: boolean;
}

/** `authority`: of the server that gave the page. Scripts of other servers are left out. */
export function scriptsOf(html: string, authority: string): readonly PageScript[] {
  return [...html.matchAll(/<script\b([^>]{0,999})>/gi)].flatMap(([, attributes = '']) => {
    const path = samePath(attribute(attributes, 'src'), authority);
    if (path === null) return [];
    const type = attribute(attributes, 'type');
    return [
      { path, classic: type === null || /^(?:|(?:text|application)\/(?:java|ecma)script)$/i.test(type) },
    ];
  });
}

/** What pages and scripts ask their server for: string literals that are given to `fetch` and its like. */
export function fetchedPaths(text: string): readonly string[] {
  const calls = text.matchAll(
    /\b(?:fetch|axios(?:\.get)?|\$\.get(?:JSON)?|EventSource)\(\s*["'`](\/[\w./-]{1,80})["'`]/g,
  );
  return [...new Set([...calls].flatMap(([, path]) => (path === undefined ? [] : [path])))];
}

export interface SocketPlace {
  readonly path: string;
  /** Subprotocol; null: none is asked for. */
  readonly protocol: string | null;
}

/** Where a page or script opens WebSockets, as far as that stands there in words. */
export function socketPlaces(text: string): readonly SocketPlace[] {
  return [
    ...text.matchAll(/\bnew\s+WebSocket\(([^;{}]{0,200}?(?:\$\{[^}]{0,80}\}[^;{}]{0,100}?){0,4})\)/g),
  ].flatMap(([, given = '']) => {
    const [url = '', second = ''] = given.split(/,(?![^`]*`[^`]*$)/);
    const protocol = /["'`]([\w.+-]{2,40})["'`]/.exec(second)?.[1] ?? null;
    const path = /(?:^|["'`}\w])(\/(?!\/)[\w./-]*)["'`]/.exec(url)?.[1] ?? '/';
    return [{ path, protocol }];
  });
}

/** Of a link of the same server; null: it leads elsewhere, or nowhere. */
function samePath(link: string | null, authority: string): string | null {
  if (link === null || /^\s*(?:data|javascript|mailto|blob):/i.test(link)) return null;
  const base = `http://${authority}/`;
  if (!URL.canParse(link, base)) return null;
  const url = new URL(link, base);
  return url.host === new URL(base).host ? `${url.pathname}${url.search}` : null;
}

/** Null: it is not there. */
export function attribute(tag: string, name: string): string | null {
  const match = new RegExp(`(?:^|[\\s"'])${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(
    tag,
  );
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? '');
}
