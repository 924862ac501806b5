// One line per thing that happened, on standard output. Times are added by whoever collects the lines.

export function log(text) {
  process.stdout.write(`${text}\n`);
}
