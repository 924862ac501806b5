/** The variables that put the Node preload into a service's programs, and the text that tells it where to listen. Pure. */

export interface Binding {
  /** The port that the program names. */
  readonly declared: number;
  /** IPv4, leased to the service. */
  readonly address: string;
  readonly port: number;
}

/** `NODE_OPTIONS` with the preload appended, and `LOOPYARD_BIND`; nothing when there is nothing to bind. */
export function preloadVariables(
  existingNodeOptions: string | undefined,
  preloadPath: string,
  bindings: readonly Binding[],
): Record<string, string> {
  if (bindings.length === 0) return {};
  const option = `--require=${quoted(preloadPath)}`;
  const existing = existingNodeOptions?.trim() ?? '';
  const hasIt = existing === option || existing.endsWith(` ${option}`);
  return {
    NODE_OPTIONS: hasIt || existing === '' ? (hasIt ? existing : option) : `${existing} ${option}`,
    LOOPYARD_BIND: bindings.map(({ declared, address, port }) => `${declared}=${address}:${port}`).join(','),
  };
}

/** As Node reads NODE_OPTIONS: words are parted by spaces, `"` quotes, and `\` escapes inside quotes only. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}
