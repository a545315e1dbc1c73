import {
  ConnectPeer,
  DisconnectPeer,
  FindSources,
  GetNetworkStatus,
  ListPeers,
  type NetworkStatus,
  type Peer,
  type PeerAnswer,
  type ReplyOf,
  type RequestOf,
  SearchPeers,
} from '@allibrary/contracts';
import { type Exchange, OnRequest, OnRequestMany } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { LibraryPeers } from '../questions/library-peers.ts';
import { NetworkView } from './network-view.ts';
import { SourceFinder } from '../questions/source-finder.ts';

/** Questions about the network, and questions to it. */
@Controller()
export class NetworkResponder {
  constructor(
    private readonly view: NetworkView,
    private readonly libraries: LibraryPeers,
    private readonly sources: SourceFinder,
  ) {}

  @OnRequest(GetNetworkStatus)
  status(): NetworkStatus {
    return this.view.status();
  }

  @OnRequest(ListPeers)
  async peers(): Promise<ReplyOf<typeof ListPeers>> {
    return { items: await this.view.peers() };
  }

  @OnRequest(ConnectPeer)
  connect({ multiaddr }: RequestOf<typeof ConnectPeer>): Promise<Peer> {
    return this.view.connect(multiaddr);
  }

  @OnRequest(DisconnectPeer)
  async disconnect({ peerId }: RequestOf<typeof DisconnectPeer>): Promise<ReplyOf<typeof DisconnectPeer>> {
    await this.view.disconnect(peerId);
    return {};
  }

  @OnRequestMany(SearchPeers)
  search(request: RequestOf<typeof SearchPeers>, { signal }: Exchange): AsyncGenerator<PeerAnswer> {
    return this.libraries.search(request, signal);
  }

  @OnRequestMany(FindSources)
  findSources(
    { documentId, limit }: RequestOf<typeof FindSources>,
    { signal }: Exchange,
  ): AsyncGenerator<{ peerId: string }> {
    return this.sources.find(documentId, limit, signal);
  }
}
