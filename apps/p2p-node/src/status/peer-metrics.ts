import type { Metrics } from '@allibrary/platform';
import { ADDRESS_SCOPES, scopeOf } from '../addresses/address-scope.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { SEARCH } from '../protocols/library-protocols.ts';

/** Shows who is connected, by how far their addresses reach, and at which addresses this node can be asked. */
export function observePeers(host: Libp2pHost, metrics: Metrics): void {
  metrics.gauge({
    name: 'allibrary_connected_libraries',
    help: 'Connected peers that speak the protocols of AlLibrary.',
    async collect() {
      const peers = await Promise.all(host.getPeers().map((peer) => host.peerStore.get(peer).catch(() => undefined)));
      this.set(peers.filter((peer) => peer?.protocols.includes(SEARCH.protocol)).length);
    },
  });
  metrics.gauge({
    name: 'allibrary_peer_addresses',
    help: 'Connections to peers, by how far the address of the peer reaches.',
    labelNames: ['scope'],
    collect() {
      const scopes = host.getConnections().map(({ remoteAddr }) => scopeOf(remoteAddr));
      for (const scope of ADDRESS_SCOPES) this.set({ scope }, scopes.filter((each) => each === scope).length);
    },
  });
  metrics.gauge({
    name: 'allibrary_own_addresses',
    help: 'Addresses at which this node says that it can be reached, by how far they reach.',
    labelNames: ['scope'],
    collect() {
      const scopes = host.getMultiaddrs().map(scopeOf);
      for (const scope of ADDRESS_SCOPES) this.set({ scope }, scopes.filter((each) => each === scope).length);
    },
  });
}
