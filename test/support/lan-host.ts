/**
 * The program of one host of a LAN, for tests with network namespaces: `node lan-host.ts <address>`. It runs a
 * p2p-node, lists its peers on request, and changes settings on request.
 */
import { P2pProcess } from './p2p-process.ts';

/** A command of the test to a host. */
export type ToHost = { readonly ask: 'peers' | 'addresses' } | { readonly want: object };

/** What a host reports once it runs. */
export type Started = { readonly peerId: string; readonly address: string };

/** What a host answers. */
export type FromHost =
  | { readonly peers: readonly string[] }
  | { readonly addresses: readonly string[] }
  | { readonly done: true };

const [host = ''] = process.argv.slice(2);
const node = await P2pProcess.start({ host });

const send = (message: Started | FromHost): void => void process.send?.(message);

async function obey(message: ToHost): Promise<void> {
  if ('want' in message) {
    await node.want(message.want);
    send({ done: true });
  } else if (message.ask === 'addresses') send({ addresses: await node.addresses() });
  else send({ peers: (await node.peers()).map(({ peerId }) => peerId) });
}

process.on('message', (message: ToHost) => {
  obey(message).catch(() => process.exit(1)); // the test sees that the host has gone
});
process.on('disconnect', () => {
  node.stop().then(
    () => process.exit(),
    () => process.exit(1),
  );
});
send({ peerId: await node.peerId(), address: await node.address() });
