/** Which bytes may stand where in a message head (RFC 9110 5.6.2, 5.5; RFC 9112 3). Indexed by byte; 1: may. */

function table(test: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0));
}

const TOKEN_MARKS = new Set([..."!#$%&'*+-.^_`|~"].map((mark) => mark.charCodeAt(0)));

/** Of a method or a field name. */
export const TOKEN = table(
  (byte) =>
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    TOKEN_MARKS.has(byte),
);

/** Of a field value: visible, space, tab, and bytes above ASCII, which are opaque. */
export const VALUE = table((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f));

/** Of a request target. Bytes above ASCII are no URI (RFC 3986 2): parsers differ about them, and Node's refuses them. */
export const TARGET = table((byte) => byte > 0x20 && byte < 0x7f);

export const CR = 0x0d;
export const LF = 0x0a;
export const SPACE = 0x20;
export const TAB = 0x09;
export const COLON = 0x3a;
