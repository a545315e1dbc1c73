/** Peers that mean no good, for tests: real libp2p hosts whose answers are made to harm. */
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record';
import { multiaddr } from '@multiformats/multiaddr';
import { answer } from '../protocols/exchange.ts';
import { SEARCH } from '../protocols/library-protocols.ts';
import { PEERS } from '../protocols/peers-protocol.ts';
import { type TestHost, startTestHost } from './hosts.ts';

/** A record of a peer that nobody has ever seen, signed by itself, that names the given addresses. */
export async function recordNaming(addresses: readonly string[]): Promise<string> {
  const key = await generateKeyPair('Ed25519');
  const record = new PeerRecord({
    peerId: peerIdFromPrivateKey(key),
    multiaddrs: addresses.map((each) => multiaddr(each)),
  });
  return Buffer.from((await RecordEnvelope.seal(record, key)).marshal()).toString('base64');
}

/** Starts a host that looks like a library and answers peer exchange with the given records. */
export async function startTeller(records: () => Promise<string[]>): Promise<TestHost> {
  const teller = await startTestHost();
  await teller.host.handle(SEARCH.protocol, (stream) => stream.abort(new Error('it has no index')));
  await teller.host.handle(PEERS.protocol, (stream) =>
    answer(stream, PEERS, async () => ({ records: await records() })).catch(() => {}),
  );
  return teller;
}
