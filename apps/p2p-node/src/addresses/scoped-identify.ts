import { type Identify, type IdentifyPush, identify, identifyPush } from '@libp2p/identify';
import type { Peer, PeerId, PeerStore, Startable } from '@libp2p/interface';
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal';
import { ADDRESS_SCOPES, type AddressScope, isWithin } from './address-scope.ts';
import type { Conversation } from './conversation.ts';
import { peerStoreWith } from './peer-store-with.ts';

type IdentifyComponents = Parameters<ReturnType<typeof identify>>[0];
type PushComponents = Parameters<ReturnType<typeof identifyPush>>[0];

/** Identify that sends each peer only the addresses within its scope, and accepts only such addresses from it. */
export const scopedIdentify =
  (conversation: Conversation) =>
  (components: IdentifyComponents): Identify => {
    const service = identify({ runOnConnectionOpen: false })(
      Object.create(components, {
        registrar: { value: conversation.registrar(components.registrar) },
        addressManager: { value: addressesFor(components.addressManager, () => conversation.scope ?? 'public') },
        peerStore: { value: identifiedPeers(components.peerStore, conversation) },
      }) as IdentifyComponents,
    );
    components.events.addEventListener('connection:open', ({ detail: connection }) => {
      conversation.with(connection, () => service.identify(connection)).catch(() => {}); // as libp2p itself does
    });
    return service;
  };

/**
 * Identify push, by scope. libp2p pushes one message to all connections, so each scope has a pusher of its own, which sees
 * only the connections and addresses of its scope; the first of them also receives.
 */
export const scopedIdentifyPush =
  (conversation: Conversation) =>
  (components: PushComponents): Startable => {
    const pushers = ADDRESS_SCOPES.map((scope, index) => {
      const registrar = index === 0 ? conversation.registrar(components.registrar) : mute(components.registrar);
      return identifyPush()(pushComponents(components, conversation, scope, registrar)) as IdentifyPush & Startable;
    });
    return {
      start: async () => {
        for (const pusher of pushers) await pusher.start();
      },
      stop: async () => {
        for (const pusher of pushers) await pusher.stop();
      },
    };
  };

function pushComponents(
  components: PushComponents,
  conversation: Conversation,
  scope: AddressScope,
  registrar: Registrar,
): PushComponents {
  const { connectionManager } = components;
  const getConnections = (peer?: PeerId) =>
    connectionManager
      .getConnections(peer)
      .filter(({ remoteAddr }) => conversation.addresses.scopeOfPeer(remoteAddr) === scope);
  return Object.create(components, {
    registrar: { value: registrar },
    connectionManager: {
      value: Object.create(connectionManager, { getConnections: { value: getConnections } }) as ConnectionManager,
    },
    addressManager: { value: addressesFor(components.addressManager, () => scope) },
    peerStore: { value: identifiedPeers(components.peerStore, conversation) },
  }) as PushComponents;
}

/** A registrar through which nothing is received. */
const mute = (registrar: Registrar): Registrar =>
  Object.create(registrar, { handle: { value: async () => {} }, unhandle: { value: async () => {} } }) as Registrar;

function addressesFor(manager: AddressManager, scope: () => AddressScope): AddressManager {
  const getAddresses = () => manager.getAddresses().filter((address) => isWithin(address, scope()));
  return Object.create(manager, { getAddresses: { value: getAddresses } }) as AddressManager;
}

/**
 * The peer store for identify. It hides signed records of earlier times: our own holds the addresses of every scope, so a
 * new one is signed for each answer; that of a peer whose clock was set back would win over the peer's current one.
 */
function identifiedPeers(peers: PeerStore, conversation: Conversation): PeerStore {
  const get: PeerStore['get'] = async (peerId, options) => withoutRecord(await peers.get(peerId, options));
  const patch: PeerStore['patch'] = (peerId, { addresses, ...data }, options) => {
    const received = (addresses ?? []).map(({ multiaddr }) => multiaddr);
    const kept = new Set(conversation.addresses.learn(received, conversation.scope ?? 'public'));
    const within = addresses?.filter(({ multiaddr }) => kept.has(multiaddr)) ?? [];
    // Without a usable address those stay that are known, such as the one that was dialled.
    return peers.patch(peerId, within.length > 0 ? { ...data, addresses: within } : data, options);
  };
  return peerStoreWith(peers, { get, patch });
}

function withoutRecord(peer: Peer): Peer {
  const copy = { ...peer };
  delete copy.peerRecordEnvelope;
  return copy;
}
