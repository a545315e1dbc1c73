// Real: p2p-node and nats-server as processes, in two network namespaces that stand for two hosts of one LAN. Neither host
// knows of the other. It needs root, for the namespaces: `npm run test:root`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FromHost, Started, ToHost } from './support/lan-host.ts';

const HOSTS = ['one', 'two'].map((name, at) => ({
  namespace: `allibrary-${process.pid}-${name}`,
  device: `al${process.pid % 100_000}${at}`,
  address: `10.213.0.${at + 1}`,
}));
const PROGRAM = join(import.meta.dirname, 'support/lan-host.ts');
/** Libraries on the LAN are asked for every 10 s. */
const TWO_ROUNDS_MS = 25_000;

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });

beforeEach(() => {
  for (const { namespace } of HOSTS) ip('netns', 'add', namespace);
  const [one, two] = HOSTS;
  ip('link', 'add', one?.device ?? '', 'type', 'veth', 'peer', 'name', two?.device ?? '');
  for (const { namespace, device, address } of HOSTS) {
    ip('link', 'set', device, 'netns', namespace);
    ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', device);
    ip('-n', namespace, 'link', 'set', device, 'up');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', namespace, 'route', 'add', 'default', 'dev', device); // multicast goes where the default route goes
  }
});

const running: LanHost[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((host) => host.stop()));
  for (const { namespace } of HOSTS) ip('netns', 'delete', namespace);
});

/** A host of the LAN, seen from outside of its namespace. */
class LanHost {
  readonly peerId: string;
  readonly address: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { peerId, address }: Started) {
    this.#child = child;
    this.peerId = peerId;
    this.address = address;
  }

  static async start({ namespace, address }: (typeof HOSTS)[number]): Promise<LanHost> {
    const args = ['netns', 'exec', namespace, process.execPath, PROGRAM, address];
    const child = spawn('ip', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [started] = (await once(child, 'message')) as [Started];
    const host = new LanHost(child, started);
    running.push(host);
    return host;
  }

  async peers(): Promise<readonly string[]> {
    const answer = await this.#say({ ask: 'peers' });
    return 'peers' in answer ? answer.peers : [];
  }

  async want(settings: object): Promise<void> {
    await this.#say({ want: settings });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  async #say(message: ToHost): Promise<FromHost> {
    const answered = once(this.#child, 'message') as Promise<[FromHost]>;
    this.#child.send(message);
    return (await answered)[0];
  }
}

test('two hosts on a LAN find each other without any configuration', async () => {
  const [one, two] = (await Promise.all(HOSTS.map((each) => LanHost.start(each)))) as [LanHost, LanHost];
  await eventually(async () => (await one.peers()).includes(two.peerId), { timeoutMs: TWO_ROUNDS_MS });
});

test('a host whose LAN discovery is off neither finds nor is found; turned on at run time it does', async () => {
  const [first, second] = HOSTS;
  if (!first || !second) throw new Error('there are two hosts');
  const quiet = await LanHost.start(first);
  await quiet.want({ lanDiscovery: false });
  const other = await LanHost.start(second);
  const found = () =>
    eventually(async () => (await quiet.peers()).includes(other.peerId), { timeoutMs: TWO_ROUNDS_MS });
  await expect(found()).rejects.toThrow('Not within');
  await quiet.want({ lanDiscovery: true });
  await found();
});

test('a host on which multicast goes nowhere runs all the same', async () => {
  const [first, second] = HOSTS;
  if (!first || !second) throw new Error('there are two hosts');
  ip('-n', first.namespace, 'route', 'delete', 'default');
  const [mute, other] = [await LanHost.start(first), await LanHost.start(second)];
  await mute.want({ bootstrap: [other.address] });
  await eventually(async () => (await mute.peers()).includes(other.peerId));
});
