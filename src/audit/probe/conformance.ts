/**
 * Requests that two programs can read differently, each with an honest one behind it on the same connection: whoever takes the first and
 * goes on can be made to see requests that a proxy before it does not see. Data; it must not know verdicts.
 */

export interface Ambiguity {
  /** In words, as they stand in findings. */
  readonly form: string;
  /** `must`: RFC 9112 asks servers to refuse it. `may`: it allows to take it, so alone it is no finding. */
  readonly refusal: 'must' | 'may';
  readonly bytes: string;
}

/** Not what any method or version is; whoever answers it as a request answers everything. */
export function nonsense(word: string): string {
  return `${word}\r\n\r\n`;
}

/** A request with a body, as it should be, and the honest one behind it. */
export function wellFormed(method: string, authority: string, next: string): string {
  return `${head(method, authority)}Content-Length: 3\r\n\r\nabc${next}`;
}

/** The honest request behind each; `path` cannot exist. */
export function nextRequest(authority: string, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`;
}

const CHUNKED = '3\r\nabc\r\n0\r\n\r\n';

/** Where lengths differ, what is left over is an empty line, which servers skip: either way the next request can be read. */
export function ambiguities(method: string, authority: string, next: string): readonly Ambiguity[] {
  const one = (refusal: 'must' | 'may', form: string, lines: string, body: string): Ambiguity => ({
    form,
    refusal,
    bytes: `${head(method, authority)}${lines}\r\n${body}${next}`,
  });
  const bare = (text: string): string => text.replaceAll('\r\n', '\n');
  return [
    one('must', 'two different Content-Length', 'Content-Length: 3\r\nContent-Length: 5\r\n', 'abc\r\n'),
    one('must', '`Content-Length: +2`', 'Content-Length: +2\r\n', '\r\n'),
    one('must', '`Transfer-Encoding: xchunked`', 'Transfer-Encoding: xchunked\r\n', CHUNKED),
    one('must', 'a space before the colon of Transfer-Encoding', 'Transfer-Encoding : chunked\r\n', CHUNKED),
    one('must', 'a chunk size of `0x3`', 'Transfer-Encoding: chunked\r\n', CHUNKED.replace('3', '0x3')),
    one(
      'must',
      'a bare CR that hides Transfer-Encoding',
      'X-Note: a\rTransfer-Encoding: chunked\r\n',
      CHUNKED,
    ),
    one(
      'may',
      'Content-Length and Transfer-Encoding together',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
      '0\r\n\r\n',
    ),
    one('may', 'Transfer-Encoding on a folded line', 'Transfer-Encoding:\r\n chunked\r\n', CHUNKED),
    {
      form: 'lines that end with LF alone',
      refusal: 'may',
      bytes: `${bare(`${head(method, authority)}Content-Length: 3\r\n\r\n`)}abc${next}`,
    },
    {
      form: 'no Host',
      refusal: 'may',
      bytes: `${method} / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc${next}`,
    },
    {
      form: 'Transfer-Encoding in HTTP/1.0',
      refusal: 'may',
      bytes: `${method} / HTTP/1.0\r\nHost: ${authority}\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED}${next}`,
    },
  ];
}

function head(method: string, authority: string): string {
  return `${method} / HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: loopyard-audit\r\nAccept: */*\r\n`;
}
