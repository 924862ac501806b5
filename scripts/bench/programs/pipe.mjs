/** The plain Node relay that links are measured beside: `pipe` both ways, and nothing else. Arguments: the port behind it. */

import { connect, createServer } from 'node:net';

const port = Number(process.argv[2]);
const server = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
  const service = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  caller.pipe(service).pipe(caller);
  for (const [one, other] of [
    [caller, service],
    [service, caller],
  ])
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
