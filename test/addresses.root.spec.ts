// Real: p2p-node and nats-server as processes, a stranger with libp2p's own identify, and two network namespaces joined by
// a cable: a rented server with a public address on its own interface, and somebody on the internet.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FromHost, Started } from './support/lan-host.ts';

const SERVER = { namespace: `allibrary-${process.pid}-server`, device: `as${process.pid % 100_000}` };
const STRANGER = { namespace: `allibrary-${process.pid}-stranger`, device: `ax${process.pid % 100_000}` };
const PUBLIC = '8.8.4.4';
const LAN = '10.213.7.1';
const support = (name: string) => join(import.meta.dirname, 'support', name);

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });
const within = ({ namespace }: typeof SERVER, ...args: string[]): void => ip('-n', namespace, ...args);

let node: ChildProcess | undefined;

beforeEach(() => {
  for (const { namespace } of [SERVER, STRANGER]) ip('netns', 'add', namespace);
  ip('link', 'add', SERVER.device, 'type', 'veth', 'peer', 'name', STRANGER.device);
  for (const side of [SERVER, STRANGER]) {
    ip('link', 'set', side.device, 'netns', side.namespace);
    within(side, 'link', 'set', side.device, 'up');
    within(side, 'link', 'set', 'lo', 'up');
  }
  within(SERVER, 'address', 'add', `${PUBLIC}/24`, 'dev', SERVER.device);
  within(SERVER, 'address', 'add', `${LAN}/24`, 'dev', SERVER.device);
  within(STRANGER, 'address', 'add', '8.8.4.5/24', 'dev', STRANGER.device);
});
afterEach(async () => {
  if (node) {
    const ended = once(node, 'exit');
    node.disconnect();
    await ended;
    node = undefined;
  }
  for (const { namespace } of [SERVER, STRANGER]) ip('netns', 'delete', namespace);
});

async function startServer(): Promise<Started & { addresses: () => Promise<readonly string[]> }> {
  const args = ['netns', 'exec', SERVER.namespace, process.execPath, support('lan-host.ts'), '0.0.0.0'];
  const child = spawn('ip', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  node = child;
  const [started] = (await once(child, 'message')) as [Started];
  const addresses = async () => {
    const answered = once(child, 'message') as Promise<[FromHost]>;
    child.send({ ask: 'addresses' });
    const [answer] = await answered;
    return 'addresses' in answer ? answer.addresses : [];
  };
  return { ...started, addresses };
}

test('a public address on an own interface is announced by default; LAN and loopback ones are announced to no stranger', async () => {
  const server = await startServer();
  await eventually(async () => (await server.addresses()).some((each) => each.startsWith(`/ip4/${PUBLIC}/tcp/`)));
  const port = /\/tcp\/(\d+)/.exec(server.address)?.[1];
  const dialled = `/ip4/${PUBLIC}/tcp/${port}/p2p/${server.peerId}`;
  const args = ['netns', 'exec', STRANGER.namespace, process.execPath, support('identify-observer.ts'), dialled];
  const { stdout } = await promisify(execFile)('ip', args, { timeout: 30_000 });
  const announced = `/ip4/${PUBLIC}/tcp/${port}`;
  expect(JSON.parse(stdout)).toEqual({ listed: [announced], signed: [announced] });
  expect((await server.addresses()).some((each) => each.startsWith(`/ip4/${LAN}/`))).toBe(true);
});
