import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** The port if it is free, else any free one; 0 asks for any. */
export async function freePort(wanted: number, host = '127.0.0.1'): Promise<number> {
  return (wanted !== 0 && (await tryPort(wanted, host))) || (await tryPort(0, host));
}

/** Whether nobody listens on the port. */
export const isFree = async (port: number, host: string): Promise<boolean> => (await tryPort(port, host)) !== 0;

async function tryPort(wanted: number, host: string): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  } catch {
    return 0;
  }
}
