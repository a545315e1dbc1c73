/**
 * The program of one host of a LAN, for tests with network namespaces: `node lan-host.ts <address>`. It runs a
 * p2p-node, tells its peers whenever it is asked, and changes what its owner wants.
 */
import { P2pProcess } from './p2p-process.ts';

/** What the test says to a host. */
export type ToHost = { readonly ask: 'peers' | 'addresses' } | { readonly want: object };

/** What a host says when it runs. */
export type Started = { readonly peerId: string; readonly address: string };

/** What a host answers. */
export type FromHost =
  | { readonly peers: readonly string[] }
  | { readonly addresses: readonly string[] }
  | { readonly done: true };

const [host = ''] = process.argv.slice(2);
const node = await P2pProcess.start({ host });

const tell = (message: Started | FromHost): void => void process.send?.(message);

async function obey(message: ToHost): Promise<void> {
  if ('want' in message) {
    await node.want(message.want);
    tell({ done: true });
  } else if (message.ask === 'addresses') tell({ addresses: await node.addresses() });
  else tell({ peers: (await node.peers()).map(({ peerId }) => peerId) });
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
tell({ peerId: await node.peerId(), address: await node.address() });
