import type { PeerId, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import { KAD_PROTOCOL, type Libp2pHost } from '../network/libp2p-host.ts';
import { isWithin } from '../addresses/address-scope.ts';
import type { DialableAddresses } from '../addresses/dialable-addresses.ts';
import { PING, addProvider } from './kad-message.ts';
import { scopeOfConnections } from './scoped-dht.ts';

/** So many records go out before their receipt is awaited: 50 KB, far less than a stream's first window. */
const RECORDS_PER_RECEIPT = 256;
const DIAL_LIMIT_MS = 10_000;
const RECEIPT_LIMIT_MS = 20_000;
const END_LIMIT_MS = 5_000;
const MOST_ADDRESSES = 8;
const MOST_REPLY_BYTES = 1_024;

/**
 * Sends a node of the DHT the keys that we provide, all on one stream; returns how many of them, in order, it took. None
 * are sent to a node that may not learn any of our addresses: it would have to refuse them.
 */
export async function sendRecords(
  host: Libp2pHost,
  addresses: DialableAddresses,
  peer: PeerId,
  keys: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<number> {
  const stream = await host
    .dialProtocol(peer, KAD_PROTOCOL, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_LIMIT_MS)]) })
    .catch(() => undefined);
  if (!stream) return 0;
  const own = ownAddressesFor(host, addresses, peer);
  if (own.length === 0) {
    end(stream);
    return 0;
  }
  return sendOn(stream, recordsOf(host, own, keys), signal);
}

/** Our own addresses that a connected peer may learn. */
export function ownAddressesFor(host: Libp2pHost, addresses: DialableAddresses, peer: PeerId): Multiaddr[] {
  const scope = scopeOfConnections(host.getConnections(peer), addresses);
  return host.getMultiaddrs().filter((address) => isWithin(address, scope));
}

async function sendOn(stream: Stream, records: readonly Uint8Array[], signal: AbortSignal): Promise<number> {
  const frames = lpStream(stream, { maxDataLength: MOST_REPLY_BYTES });
  let taken = 0;
  try {
    while (taken < records.length) {
      const some = records.slice(taken, taken + RECORDS_PER_RECEIPT);
      const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(RECEIPT_LIMIT_MS)]) };
      await frames.writeV([...some, PING], options);
      await frames.read(options);
      taken += some.length;
    }
    end(stream);
  } catch (error) {
    stream.abort(error as Error); // what had no receipt counts as not taken
  }
  return taken;
}

/** All addresses come with the first record; a record needs one, and the receiver knows the others by then. */
function recordsOf(host: Libp2pHost, own: readonly Multiaddr[], keys: readonly Uint8Array[]): Uint8Array[] {
  const ourId = host.peerId.toMultihash().bytes;
  const addresses = own.slice(0, MOST_ADDRESSES).map((address) => address.bytes);
  return keys.map((key, index) => addProvider(key, ourId, index === 0 ? addresses : addresses.slice(0, 1)));
}

function end(stream: Stream): void {
  stream
    .close({ signal: AbortSignal.timeout(END_LIMIT_MS) })
    .catch(() => stream.abort(new Error('the stream does not end')));
}
