/** Real: a DHT of libp2p hosts over loopback. What they share is made up: keys without documents. */
import { createHash } from 'node:crypto';
import { eventually } from '@allibrary/testing';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { placeOf } from '../dht/key-space.ts';
import type { DueDocument } from '../dht/announcing/announcements.ts';
import { RecordSender } from '../dht/announcing/record-sender.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { type TestHost, connectHosts, startTestHost } from './hosts.ts';

/** The document that somebody could have by that name. */
export function documentNamed(name: string): DueDocument {
  const cid = CID.createV1(0x55, Digest.create(0x12, createHash('sha256').update(name).digest()));
  return { documentId: cid.toString(), key: cid.multihash.bytes, place: placeOf(cid.multihash.bytes) };
}

/** Starts hosts that are all connected, and have all others in their routing tables. */
export async function startDht(count: number): Promise<TestHost[]> {
  const hosts: TestHost[] = [];
  while (hosts.length < count) {
    const next = await startTestHost();
    await Promise.all(hosts.map(({ host }) => connect(next.host, host)));
    hosts.push(next);
  }
  await eventually(() => hosts.every(({ host }) => host.services.dht.routingTable.size === count - 1), {
    timeoutMs: 60_000,
  });
  return hosts;
}

/** Connects two hosts. libp2p lets in five connections a second from one address: a dial that came too soon is repeated. */
export const connect = (from: Libp2pHost, to: Libp2pHost): Promise<unknown> =>
  eventually(() => connectHosts(from, to, { signal: AbortSignal.timeout(10_000) }), { timeoutMs: 60_000 });

/** Sends the records of a host. */
export const senderOf = ({ host, guard }: TestHost): RecordSender =>
  new RecordSender(host, guard.gate.addresses, () => {});

/** The peers that the DHT names for a document, to a host that asks. */
export async function providersOf({ documentId }: DueDocument, { host }: Pick<TestHost, 'host'>): Promise<string[]> {
  const found: string[] = [];
  const signal = AbortSignal.timeout(10_000);
  for await (const { id } of host.contentRouting.findProviders(CID.parse(documentId), { signal }))
    found.push(id.toString());
  return found;
}
