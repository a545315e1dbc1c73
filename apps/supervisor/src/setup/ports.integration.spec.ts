import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { planPorts } from './port-plan.ts';
import { FreePorts, whyNotOpen } from './ports.ts';

const options = { 'http-host': '127.0.0.1', 'http-port': 0, 'p2p-port': 0 };

async function listen(port = 0) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => server.close() };
}

test('gives no port twice, and none that is taken', async () => {
  const first = await new FreePorts(7).take();
  using _ = await listen(first);
  const ports = new FreePorts(7);
  const taken = await Promise.all(Array.from({ length: 20 }, () => ports.take()));
  expect(new Set(taken).size).toBe(20);
  expect(taken).not.toContain(first);
  expect(await ports.take(first)).not.toBe(first);
});

test('stays below the ports that outgoing connections get', async () => {
  const ports = new FreePorts(Number.MAX_SAFE_INTEGER);
  for (let i = 0; i < 20; i++) expect(await ports.take()).toBeLessThan(32_768);
});

test('gives a wanted port that is free', async () => {
  const free = await new FreePorts().take();
  expect(await new FreePorts().take(free)).toBe(free);
});

test('returns why a port cannot be opened', async () => {
  using taken = await listen();
  expect(await whyNotOpen(taken.port, '127.0.0.1')).toBe('is taken by another program');
  expect(await whyNotOpen(0, '192.0.2.250')).toBe('is no address of this machine');
  expect(await whyNotOpen(0, '127.0.0.1')).toBeUndefined();
});

test('every listener of a node has its own port', async () => {
  const { http, ...others } = await planPorts(options, '127.0.0.1');
  expect(new Set([...Object.values(http), ...Object.values(others)]).size).toBe(9);
});

test('the services are beside the web page where there is room', async () => {
  const web = await new FreePorts().take();
  const { http } = await planPorts({ ...options, 'http-port': web }, '127.0.0.1');
  expect(http).toEqual({ gateway: web, transfer: web + 1, 'p2p-node': web + 2, indexer: web + 3, watcher: web + 4 });
});

test('no service takes the port that was chosen for peers', async () => {
  const web = await new FreePorts().take();
  const { http, p2p } = await planPorts({ ...options, 'http-port': web, 'p2p-port': web + 1 }, '0.0.0.0');
  expect(p2p).toBe(web + 1);
  expect(Object.values(http)).not.toContain(web + 1);
});

test('one port for two uses is refused', async () => {
  const planned = planPorts({ ...options, 'http-port': 21_080, 'p2p-port': 21_080 }, '0.0.0.0');
  await expect(planned).rejects.toMatchObject({
    problems: ['--http-port and --p2p-port are both 21080. Give two different ports.'],
  });
});

test('no service gets a port that HTTP clients refuse', async () => {
  const planned = planPorts({ ...options, 'http-port': 10_080 }, '127.0.0.1');
  await expect(planned).rejects.toMatchObject({
    problems: ['--http-port: browsers refuse to connect to port 10080. Give another one.'],
  });
  const { http } = await planPorts({ ...options, 'http-port': 6_663 }, '127.0.0.1');
  expect(Object.values(http)).not.toContain(6_665);
});

test('every wanted port that is taken is named', async () => {
  using web = await listen();
  using p2p = await listen();
  const planned = planPorts({ ...options, 'http-port': web.port, 'p2p-port': p2p.port }, '127.0.0.1');
  await expect(planned).rejects.toMatchObject({
    problems: [
      `--http-port: 127.0.0.1 port ${web.port} is taken by another program. Give another one.`,
      `--p2p-port: 127.0.0.1 port ${p2p.port} is taken by another program. Give another one.`,
    ],
  });
});
