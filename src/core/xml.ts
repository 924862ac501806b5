/** Text as it may stand inside XML 1.0. Pure. */

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For element text and attributes in double quotes. XML 1.0 has no way to write most control characters, not even escaped. */
export function escapedXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken away.
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/g, '\ufffd')
      .replace(/[&<>"]/g, (character) => NAMED[character] ?? character)
      .replaceAll('\n', '&#10;')
  );
}
