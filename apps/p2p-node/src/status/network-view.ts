import { MOST_BANS, type NetworkStatus, type Peer } from '@allibrary/contracts';
import { RequestFailure, describeError } from '@allibrary/messaging';
import type { Connection, PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import type { Announcements } from '../dht/announcing/announcements.ts';
import type { SelfCheck } from '../dht/announcing/self-check.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { peerIdOf } from '../addresses/peer-addresses.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import type { PeerKeeper } from '../peers/peer-keeper.ts';
import { SEARCH } from '../protocols/library-protocols.ts';

const CONNECT_LIMIT_MS = 15_000;
const DISCONNECT_LIMIT_MS = 2_000;
const MOST_LISTED = 1_000;

/** The network's status and peers, and the owner's commands: connect to a peer, disconnect from one. */
export class NetworkView {
  constructor(
    private readonly host: Libp2pHost,
    private readonly announcements: Announcements,
    private readonly keeper: PeerKeeper,
    private readonly selfCheck: SelfCheck,
    private readonly guard: PeerGuard,
  ) {}

  status(): NetworkStatus {
    const peers = this.host.getPeers().length;
    const { announced, waiting } = this.announcements.counts();
    return {
      peerId: this.host.peerId.toString(),
      multiaddrs: this.host.getMultiaddrs().map(String),
      connected: peers > 0,
      method: peers > 0 ? 'direct' : 'none',
      peers,
      announcedDocuments: announced,
      waitingDocuments: waiting,
      findable: this.selfCheck.latest,
      bannedBy: this.guard.bans.current().slice(0, MOST_BANS),
    };
  }

  async peers(): Promise<Peer[]> {
    const ofEachPeer = new Map(
      this.host.getConnections().map((connection) => [connection.remotePeer.toString(), connection]),
    );
    return Promise.all([...ofEachPeer.values()].slice(0, MOST_LISTED).map((connection) => this.#describe(connection)));
  }

  /** Connects to the peer at the address, and keeps it. */
  async connect(address: string): Promise<Peer> {
    const target = this.#readAddress(address);
    this.guard.gate.name(target);
    try {
      const signal = AbortSignal.timeout(CONNECT_LIMIT_MS);
      const connection = await this.host.dial(target, { signal });
      await this.#untilLetIn(connection, signal);
      this.keeper.keep(connection.remotePeer);
      return await this.#describe(connection);
    } catch (cause) {
      const hint = 'check that the node runs there and that its port is open';
      throw new RequestFailure('unavailable', `${address} can't be reached: ${describeError(cause)}; ${hint}.`, {
        cause,
      });
    }
  }

  /** Closes the connections to a peer, which is not dialled again by itself. */
  async disconnect(peerId: string): Promise<void> {
    const id = readPeerId(peerId);
    if (this.host.getConnections(id).length === 0)
      throw new RequestFailure('not-found', `this node is not connected to ${peerId}.`);
    this.keeper.release(peerId);
    await this.host.hangUp(id, { signal: AbortSignal.timeout(DISCONNECT_LIMIT_MS) });
  }

  /** The dialler ends a TLS 1.3 handshake first: whether the peer lets it in shows in its first answer. */
  async #untilLetIn(connection: Connection, signal: AbortSignal): Promise<void> {
    try {
      await this.host.services.ping.ping(connection.remotePeer, { signal });
    } catch (error) {
      if (connection.status !== 'open') throw error; // else it does not speak ping
    }
  }

  #readAddress(address: string) {
    try {
      if (peerIdOf(address) === this.host.peerId.toString()) throw new Error('it is the address of this node itself');
      return multiaddr(address);
    } catch (cause) {
      const hint = 'an address looks like /ip4/192.0.2.1/tcp/6881/p2p/12D3KooW…';
      throw new RequestFailure('invalid', `${describeError(cause)}; ${hint}.`, { cause });
    }
  }

  async #describe({ remotePeer, remoteAddr, direction, timeline }: Connection): Promise<Peer> {
    const known = await this.host.peerStore.get(remotePeer).catch(() => undefined);
    const agent = known?.metadata.get('AgentVersion');
    return {
      peerId: remotePeer.toString(),
      multiaddr: remoteAddr.toString(),
      direction,
      agent: agent ? new TextDecoder().decode(agent).slice(0, 256) : null,
      isLibrary: known?.protocols.includes(SEARCH.protocol) ?? false,
      connectedAtMs: timeline.open,
    };
  }
}

/** The form of a peer id says nothing about the hash in it. */
function readPeerId(text: string): PeerId {
  try {
    return peerIdFromString(text);
  } catch (cause) {
    throw new RequestFailure('invalid', `${text} is not a peer id: check it for a missing or wrong character.`, {
      cause,
    });
  }
}
