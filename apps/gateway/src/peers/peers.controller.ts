import { ConnectPeer, DisconnectPeer, ListPeers, Peer, PeerId, page } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Body, Delete, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { Answers, ApiController } from '../http/api-controller.ts';

const PeerList = page(Peer);

/** The peers that this node is connected to. */
@ApiController('peers')
export class PeersController {
  constructor(private readonly bus: Bus) {}

  @Get()
  @Answers('The peers that are connected now, all on one page.', 200, PeerList)
  async list(): Promise<z.output<typeof PeerList>> {
    const { items } = await this.bus.request(ListPeers, {});
    return { items, nextCursor: null };
  }

  @Post()
  @Answers('Connect to a peer.', 201, Peer)
  connect(@Body({ schema: ConnectPeer.request }) address: z.output<typeof ConnectPeer.request>): Promise<Peer> {
    return this.bus.request(ConnectPeer, address);
  }

  @Delete(':peerId')
  @Answers('Disconnect from a peer; it may come back unless the settings deny it.', 204)
  async disconnect(@Param('peerId', { schema: PeerId }) peerId: string): Promise<void> {
    await this.bus.request(DisconnectPeer, { peerId });
  }
}
