/** Small programs that end-to-end tests run as services. Each obeys HOST and PORT unless its name says otherwise. */

/** Answers every request with its own name and the variables of its needs. */
export const HTTP_SERVER = `
import { createServer } from 'node:http';
const { HOST, PORT, LOOPYARD_SERVICE } = process.env;
const needs = Object.fromEntries(Object.entries(process.env).filter(([name]) => /_(HOST|PORT|URL)$/.test(name)));
createServer((request, response) => response.end(JSON.stringify({ name: LOOPYARD_SERVICE, needs, path: request.url })))
  .listen(Number(PORT), HOST, () => console.log(LOOPYARD_SERVICE + ' listens on ' + HOST + ':' + PORT));
`;

/** As Express does it: only a port, so Node listens on every address. */
export const WILDCARD_SERVER = `
import { createServer } from 'node:http';
createServer((request, response) => response.end(process.cwd())).listen(Number(process.argv[2] ?? process.env.PORT));
`;

/** Prints numbers without a pause for as long as it is told by the file \`go\`, so that a lost line shows as a gap. */
export const COUNTER = `
import { createServer } from 'node:net';
createServer().listen(Number(process.env.PORT), process.env.HOST);
let next = 0;
setInterval(() => { for (let i = 0; i < 20; i += 1) console.log('line ' + next++); }, 2);
`;

/** Ends with the code in its argument once the file \`end\` exists in its directory. */
export const ENDS_ON_FILE = `
import { existsSync, watch } from 'node:fs';
const look = () => { if (existsSync('end')) process.exit(Number(process.argv[2])); };
watch('.', look);
look();
setInterval(() => {}, 1000);
console.log('waits');
`;
