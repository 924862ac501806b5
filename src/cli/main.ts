/**
 * The program `lo`. Answers `--version` before anything else is loaded, hands the real world to `run.ts`, ends the process: one of the
 * two places that may. It must not know commands.
 */

const [first] = process.argv.slice(2);
if (process.argv.length === 3 && (first === '--version' || first === '-V')) {
  process.stdout.write(`${__LOOPYARD_VERSION__}\n`);
} else {
  const { start } = await import('./start.ts');
  // All output is out by now. What is still open (a stream that nobody reads, a terminal) must not keep the command alive.
  process.exit(await start());
}
