/** As much of DER as the signature algorithm of a certificate takes (RFC 5280 §4.1): Node does not tell it. Pure. */

/** The dotted number, such as `1.2.840.113549.1.1.5`; null: these bytes are no certificate. */
export function signatureAlgorithm(certificate: Buffer): string | null {
  const outer = elementAt(certificate, 0);
  if (outer?.tag !== SEQUENCE) return null;
  const signed = elementAt(certificate, outer.from);
  const algorithm = signed === null ? null : elementAt(certificate, signed.to);
  const name = algorithm?.tag === SEQUENCE ? elementAt(certificate, algorithm.from) : null;
  return name?.tag === OBJECT_IDENTIFIER ? dotted(certificate.subarray(name.from, name.to)) : null;
}

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;

interface Element {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
}

function elementAt(bytes: Buffer, at: number): Element | null {
  const [tag, short] = bytes.subarray(at, at + 2);
  if (tag === undefined || short === undefined) return null;
  const more = short & 0x80 ? short & 0x7f : 0;
  const from = at + 2 + more;
  if (more > 4 || from > bytes.length) return null;
  const length = more === 0 ? short : bytes.readUIntBE(at + 2, more);
  return from + length > bytes.length ? null : { tag, from, to: from + length };
}

function dotted(bytes: Buffer): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of bytes) {
    part = part * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    parts.push(part);
    part = 0;
  }
  const [first = 0, ...rest] = parts;
  // The first two share one number.
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}
