/** The least that the supervisor takes for a service: ready over HTTP, a log of JSON lines, an end on SIGTERM. */
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';

const {
  TINY_NAME: name = '',
  TINY_PORT: port,
  TINY_ENDINGS: endings,
  TINY_STUBBORN: isStubborn,
  TINY_FROZEN: frozen,
} = process.env;
const log = (level: number, msg: string) => console.log(JSON.stringify({ level, msg, service: name }));

const NOT_READY = { library: 'the collection is frozen', index: null, nats: 'the bus cannot store' };

createServer((request, response) => {
  if (request.url === '/crash') process.exit(3);
  if (request.url === '/warn') log(40, 'the disk is slow');
  const isFrozen = request.url === '/health/ready' && frozen && existsSync(frozen);
  if (isFrozen) response.statusCode = 503;
  response.end(isFrozen ? JSON.stringify({ checks: NOT_READY }) : '');
}).listen(Number(port), '127.0.0.1', () => log(30, 'runs'));

process.on('SIGTERM', () => {
  if (isStubborn) return;
  if (endings) appendFileSync(endings, `${name}\n`);
  process.exit(0);
});
