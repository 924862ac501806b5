/** Whether a text shows where in its source a program stumbled. Pure; patterns are bounded, since servers choose the text. */

const TRACES: readonly (readonly [string, RegExp])[] = [
  [
    'JavaScript',
    /(?:\n|<br>|&nbsp;|\\n)\s{0,9}(?:&nbsp; ?){0,9}at [^\n<]{0,200}(?:\/|[A-Z]:\\|node:)[^\s<()]{1,200}:\d{1,6}:\d{1,5}/,
  ],
  ['Python', /Traceback \(most recent call last\)[\s\S]{0,200}File (?:"|&quot;)/],
  ['Java', /\n\s{1,9}(?:at )?[\w.$]{3,200}\([\w$]{1,80}\.(?:java|kt|scala):\d{1,6}\)/],
  ['Go', /\bgoroutine \d{1,9} \[running\]/],
  [
    'PHP',
    /\b(?:Fatal error|Warning|Uncaught)\b[\s\S]{0,300} in (?:<b>)?\/[^\s<]{1,200}\.php(?:<\/b>)? on line/,
  ],
  ['Ruby', /\/[^\s:<]{1,200}\.rb:\d{1,6}:in [`']/],
  ['.NET', /\n\s{1,9}at [\w.<>`]{3,200}\([^\n)]{0,200}\) in [^\n]{1,200}:line \d{1,6}/],
];
const MOST_READ = 65_536;

/** The language; null: there is none. */
export function stackTraceIn(text: string): string | null {
  const beginning = text.slice(0, MOST_READ);
  return TRACES.find(([, pattern]) => pattern.test(beginning))?.[0] ?? null;
}
