/** Where the shipped files lie, told from the URL of one of them. Pure text work. */

/**
 * The directory of `lo.js`, `daemon.js` and `preload.cjs`; `moduleUrl` is the `import.meta.url` of shipped code, which stands in
 * that directory or in its `chunks`. `override` (`LOOPYARD_DIST`) serves code that is bundled elsewhere, such as tests.
 */
export function distDirectory(moduleUrl: string, override: string | undefined): string {
  if (override !== undefined && override !== '') return override;
  const path = decodeURIComponent(moduleUrl.replace(/^file:\/\//, '')).replace(/\/[^/]*$/, '');
  return path.replace(/\/chunks$/, '');
}
