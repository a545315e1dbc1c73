import type { PeerId, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import { KAD_PROTOCOL, type Libp2pHost } from '../../network/libp2p-host.ts';
import { isWithin } from '../../addresses/address-scope.ts';
import type { DialableAddresses } from '../../addresses/dialable-addresses.ts';
import { PING, addProvider } from '../kad-message.ts';
import { scopeOfConnections } from '../scoped-dht.ts';

/** So many records go out before their receipt is awaited: 50 KB, far less than a stream's first window. */
const RECORDS_PER_RECEIPT = 256;
const DIAL_LIMIT_MS = 10_000;
const RECEIPT_LIMIT_MS = 20_000;
const END_LIMIT_MS = 5_000;
const MOST_ADDRESSES = 8;
const MOST_REPLY_BYTES = 1_024;

/** Receives how many records were sent to a peer, and how many of them it stored. */
export type OnRecords = (sent: number, stored: number) => void;

/** Sends provider records of this node to other nodes of the DHT. */
export class RecordSender {
  constructor(
    readonly host: Libp2pHost,
    private readonly addresses: DialableAddresses,
    private readonly onRecords: OnRecords,
  ) {}

  /** Sends the keys that this node provides on one stream; returns how many of them, in order, the peer stored. */
  async send(peer: PeerId, keys: readonly Uint8Array[], signal: AbortSignal): Promise<number> {
    const stored = await this.#send(peer, keys, signal);
    this.onRecords(keys.length, stored);
    return stored;
  }

  /** Our own addresses that a connected peer may learn. */
  ownAddressesFor(peer: PeerId): Multiaddr[] {
    const scope = scopeOfConnections(this.host.getConnections(peer), this.addresses);
    return this.host.getMultiaddrs().filter((address) => isWithin(address, scope));
  }

  async #send(peer: PeerId, keys: readonly Uint8Array[], signal: AbortSignal): Promise<number> {
    const { host } = this;
    const stream = await host
      .dialProtocol(peer, KAD_PROTOCOL, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_LIMIT_MS)]) })
      .catch(() => undefined);
    if (!stream) return 0;
    const own = this.ownAddressesFor(peer);
    if (own.length > 0) return sendOn(stream, recordsOf(host, own, keys), signal);
    end(stream); // it would have to refuse records without an address
    return 0;
  }
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
