/** Filled in by the build: the package's version, and a hash of the sources that tells a CLI and a daemon of other builds apart. */
declare const __LOOPYARD_VERSION__: string;
declare const __LOOPYARD_BUILD__: string;
