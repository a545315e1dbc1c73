/** Messages of the DHT that this node encodes itself, because kad-dht sends each on a stream of its own; and a reader. */
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { Uint8ArrayList } from 'uint8arraylist';

/** The field numbers of libp2p's Kademlia, all of them under 16. */
const TYPE = 1;
const KEY = 2;
const CLOSER = 8;
const PROVIDERS = 9;
const PEER_ID = 1;
const PEER_ADDRESS = 2;

/** The types of questions that this node answers itself. */
export const ADD_PROVIDER = 2;
export const PING_TYPE = 5;

/** A question that is answered when all messages before it on the stream have been handled. */
export const PING = Uint8Array.of(TYPE << 3, PING_TYPE);

/** States that a peer, at these addresses, provides a key. */
export function addProvider(key: Uint8Array, peerId: Uint8Array, addresses: readonly Uint8Array[]): Uint8Array {
  const peer = Buffer.concat([bytes(PEER_ID, peerId), ...addresses.map((address) => bytes(PEER_ADDRESS, address))]);
  return Buffer.concat([Uint8Array.of(TYPE << 3, ADD_PROVIDER), bytes(KEY, key), bytes(PROVIDERS, peer)]);
}

/** A field of protobuf's wire type 2: tag, length, value. */
function bytes(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of((field << 3) | 2, ...varint(value.length)), value]);
}

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);

/** A message with its length before it, as streams carry it. */
export const framed = (message: Uint8Array | Uint8ArrayList): Uint8ArrayList =>
  new Uint8ArrayList(Uint8Array.from(varint(message.byteLength)), message);

/** All addresses of peers in a message; throws for bytes that are not a message. */
export function addressesIn(message: Uint8Array): Multiaddr[] {
  return [...fieldsOf(message)]
    .filter(({ field }) => field === CLOSER || field === PROVIDERS)
    .flatMap(({ value }) => [...fieldsOf(value)])
    .filter(({ field }) => field === PEER_ADDRESS)
    .map(({ value }) => multiaddr(value));
}

/** The part of a question that this node reads itself. */
export interface KadQuestion {
  readonly type: number;
  readonly key: Uint8Array;
  readonly providers: readonly { readonly peerId: Uint8Array; readonly addresses: Multiaddr[] }[];
}

/** Parses a question; throws for bytes that are not a message. */
export function parseQuestion(message: Uint8Array): KadQuestion {
  const fields = [...fieldsOf(message)];
  const last = (field: number) => fields.findLast((each) => each.field === field);
  return {
    type: last(TYPE)?.number ?? 0,
    key: last(KEY)?.value ?? NOTHING,
    providers: fields.filter(({ field }) => field === PROVIDERS).map(({ value }) => parseProvider(value)),
  };
}

function parseProvider(message: Uint8Array): KadQuestion['providers'][number] {
  const fields = [...fieldsOf(message)];
  return {
    peerId: fields.findLast(({ field }) => field === PEER_ID)?.value ?? NOTHING,
    addresses: fields.filter(({ field }) => field === PEER_ADDRESS).map(({ value }) => multiaddr(value)),
  };
}

const NOTHING = new Uint8Array(0);

/** The fields of a message. Only numbers and bytes occur in those of the DHT. */
function* fieldsOf(message: Uint8Array): Generator<{ field: number; number: number; value: Uint8Array }> {
  let at = 0;
  const number = (): number => {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined || factor > 2 ** 63) throw new RangeError('a number of the message has no end');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = number();
    const value = number();
    const [field, wireType] = [Math.floor(tag / 8), tag % 8];
    if (wireType === 0) yield { field, number: value, value: NOTHING };
    else if (wireType === 2 && at + value <= message.length) {
      yield { field, number: 0, value: message.subarray(at, at + value) };
      at += value;
    } else throw new RangeError('a field of the message has no end');
  }
}
