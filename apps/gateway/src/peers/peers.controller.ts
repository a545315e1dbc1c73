import type { ReplyFrom, RequestTo } from '@allibrary/api';
import { ConnectPeer, DisconnectPeer, ListPeers, type Peer } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';

/** The peers that this node is connected to. */
@Controller()
export class PeersController {
  constructor(private readonly bus: Bus) {}

  @Handles('GET /peers')
  async list(): Promise<ReplyFrom<'GET /peers'>> {
    const { items } = await this.bus.request(ListPeers, {});
    return { items, nextCursor: null };
  }

  @Handles('POST /peers')
  connect({ body }: RequestTo<'POST /peers'>): Promise<Peer> {
    return this.bus.request(ConnectPeer, body);
  }

  @Handles('DELETE /peers/:peerId')
  async disconnect({ params }: RequestTo<'DELETE /peers/:peerId'>): Promise<void> {
    await this.bus.request(DisconnectPeer, params);
  }
}
