import {
  ConnectPeer,
  DisconnectPeer,
  FindSources,
  GetNetworkStatus,
  ListPeers,
  ListSources,
  type NetworkStatus,
  type Peer,
  type PeerAnswer,
  type ReplyOf,
  type RequestOf,
  SearchPeers,
} from '@allibrary/contracts';
import { type Exchange, OnRequest, OnRequestMany } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { CurrentNetwork } from '../network/current-network.ts';

/** Requests about the network, and requests to its peers. */
@Controller()
export class NetworkResponder {
  constructor(private readonly network: CurrentNetwork) {}

  @OnRequest(GetNetworkStatus)
  status(): Promise<NetworkStatus> {
    return this.network.use(({ view }) => view.status());
  }

  @OnRequest(ListPeers)
  async peers(): Promise<ReplyOf<typeof ListPeers>> {
    return { items: await this.network.use(({ view }) => view.peers()) };
  }

  @OnRequest(ConnectPeer)
  connect({ multiaddr }: RequestOf<typeof ConnectPeer>): Promise<Peer> {
    return this.network.use(({ view }) => view.connect(multiaddr));
  }

  @OnRequest(DisconnectPeer)
  async disconnect({ peerId }: RequestOf<typeof DisconnectPeer>): Promise<ReplyOf<typeof DisconnectPeer>> {
    await this.network.use(({ view }) => view.disconnect(peerId));
    return {};
  }

  @OnRequestMany(SearchPeers)
  search(request: RequestOf<typeof SearchPeers>, { signal }: Exchange): AsyncGenerator<PeerAnswer> {
    return this.network.stream(signal, ({ libraries }, until) => libraries.search(request, until));
  }

  @OnRequestMany(FindSources)
  findSources(
    { documentId, soon, limit }: RequestOf<typeof FindSources>,
    { signal }: Exchange,
  ): AsyncGenerator<{ peerId: string }> {
    return this.network.stream(signal, ({ sources }, until) => sources.find({ documentId, soon }, limit, until));
  }

  @OnRequestMany(ListSources)
  listSources(
    { documentIds }: RequestOf<typeof ListSources>,
    { signal }: Exchange,
  ): AsyncGenerator<ReplyOf<typeof ListSources>> {
    return this.network.stream(signal, ({ shownSources }, until) => shownSources.find(documentIds, until));
  }
}
