import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the kernel gives to outgoing connections (32768 and above), so that none of those takes it before it is used. */
const [FIRST, END] = [15_000, 32_000];

/** Each process begins somewhere else, and gives no port twice. */
let next = FIRST + Math.floor(Math.random() * (END - FIRST));

/** A TCP port of the loopback address that is free now, and that no other call gets soon. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = next;
    next = next + 1 < END ? next + 1 : FIRST;
    if (await isFree(port)) return port;
  }
  throw new Error('no port of loopback is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
