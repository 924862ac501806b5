/** The esbuild settings that everything shares: what ships, what the tests run, what scripts load. It must not know file places. */

import { fewFiles } from './few-files.mjs';
import { manifest, root } from './root.mjs';

/**
 * Some bundled packages are CommonJS inside and call `require` for Node's own modules, which an ES module does not have. Not by
 * `createRequire`: every chunk would make one at each start.
 */
const REQUIRE_BANNER = 'const require = (name) => process.getBuiltinModule(name);';

/** `build`: the fingerprint of the sources, which tells a CLI from a daemon of another build. */
export function moduleOptions(build) {
  return {
    ...common(build),
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: REQUIRE_BANNER },
  };
}

/** As `moduleOptions`, for the command line, where the start of each command counts. */
export function commandOptions(build) {
  return { ...moduleOptions(build), plugins: [fewFiles] };
}

/** One file that stands alone and loads fast: it runs inside services. */
export function standaloneOptions(build, format) {
  return { ...common(build), format, splitting: false, minifyWhitespace: true, minifySyntax: true };
}

function common(build) {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
    define: {
      __LOOPYARD_VERSION__: JSON.stringify(manifest.version),
      __LOOPYARD_BUILD__: JSON.stringify(build),
    },
  };
}
