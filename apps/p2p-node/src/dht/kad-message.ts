/** The two messages of the DHT that this node encodes by itself: kad-dht sends each on a stream of its own. */

/** The field numbers of libp2p's Kademlia, all of them under 16. */
const TYPE = 1;
const KEY = 2;
const PROVIDERS = 9;
const PEER_ID = 1;
const PEER_ADDRESS = 2;

const ADD_PROVIDER = 2;
const PING_TYPE = 5;

/** A question that is answered when all messages before it on the stream have been handled. */
export const PING = Uint8Array.of(TYPE << 3, PING_TYPE);

/** Says that a peer, at these addresses, provides a key. */
export function addProvider(key: Uint8Array, peerId: Uint8Array, addresses: readonly Uint8Array[]): Uint8Array {
  const peer = Buffer.concat([bytes(PEER_ID, peerId), ...addresses.map((address) => bytes(PEER_ADDRESS, address))]);
  return Buffer.concat([Uint8Array.of(TYPE << 3, ADD_PROVIDER), bytes(KEY, key), bytes(PROVIDERS, peer)]);
}

/** A field of protobuf's wire type 2: tag, length, value. */
function bytes(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of((field << 3) | 2, ...varint(value.length)), value]);
}

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
