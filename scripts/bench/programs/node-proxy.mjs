/** The npm package http-proxy as its documentation has it: `node-proxy.mjs MODULE HOST:PORT PLAIN SECURE CERTIFICATE KEY`. */

import { readFileSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { pathToFileURL } from 'node:url';

const [module, upstream, plain, secure, certificate, key] = process.argv.slice(2);
const { default: httpProxy } = await import(pathToFileURL(module).href);
const agent = new Agent({ keepAlive: true });
const proxy = httpProxy.createProxyServer({ target: `http://${upstream}`, agent, xfwd: true });
proxy.on('error', () => undefined);

const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
listen(createServer(), plain);
listen(createSecureServer(pair), secure);

function listen(server, port) {
  server.on('request', (request, response) => proxy.web(request, response));
  server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
  server.listen(Number(port), '127.0.0.1');
}
