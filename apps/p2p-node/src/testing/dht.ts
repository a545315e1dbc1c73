/** Real: a DHT of libp2p hosts over loopback. What they share is made up: keys without documents. */
import { createHash } from 'node:crypto';
import { eventually } from '@allibrary/testing';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { placeOf } from '../domain/key-space.ts';
import type { DueDocument } from '../announcements.ts';
import type { Libp2pHost } from '../libp2p-host.ts';
import { type TestHost, startTestHost } from './hosts.ts';

/** The document that somebody could have by that name. */
export function documentNamed(name: string): DueDocument {
  const cid = CID.createV1(0x55, Digest.create(0x12, createHash('sha256').update(name).digest()));
  return { documentId: cid.toString(), key: cid.multihash.bytes, place: placeOf(cid.multihash.bytes) };
}

/** Starts hosts that all know the first one; resolves when each knows all others. */
export async function startDht(count: number): Promise<TestHost[]> {
  const hosts: TestHost[] = [];
  while (hosts.length < count) {
    const next = await startTestHost();
    hosts.push(next);
    // libp2p lets in five connections a second from one address, so that a dial may fail; the next one does not.
    await eventually(() => meets(next.host, hosts[0]?.host), { timeoutMs: 20_000 });
  }
  await eventually(() => hosts.every(({ host }) => host.services.dht.routingTable.size === count - 1), {
    timeoutMs: 50_000,
  });
  return hosts;
}

async function meets(host: Libp2pHost, other: Libp2pHost | undefined): Promise<boolean> {
  if (!other || other === host) return true;
  await host.dial(other.getMultiaddrs(), { signal: AbortSignal.timeout(2_000) }).catch(() => {});
  return host.getPeers().length > 0;
}

/** The peers that the DHT names for a document, to a host that asks. */
export async function providersOf({ documentId }: DueDocument, { host }: Pick<TestHost, 'host'>): Promise<string[]> {
  const found: string[] = [];
  const signal = AbortSignal.timeout(10_000);
  for await (const { id } of host.contentRouting.findProviders(CID.parse(documentId), { signal }))
    found.push(id.toString());
  return found;
}
