// Real: libp2p hosts over loopback, SQLite on disk. The attackers speak the DHT's own protocol, with our own sender.
import { lpStream } from '@libp2p/utils';
import { eventually, tempFolder } from '@allibrary/testing';
import { afterEach, expect, test } from 'vitest';
import { KAD_PROTOCOL } from '../../network/libp2p-host.ts';
import { connect, documentNamed, providersOf, senderOf } from '../../testing/dht.ts';
import { type TestHost, removeTestHost, startHostIn, startTestHost } from '../../testing/hosts.ts';
import { addProvider } from '../kad-message.ts';
import { RECORD_LIMITS } from './provider-records.ts';

const LIMITS = { ...RECORD_LIMITS, perPeer: 1_000, perSubnet: 3_500, total: 3_500 };
const signal = AbortSignal.timeout(60_000);
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function start(): Promise<TestHost> {
  const host = await startTestHost();
  cleanUps.push(() => removeTestHost(host));
  return host;
}

/** A host with low limits, the records that it refused, and an honest peer with one document. */
async function startVictim() {
  const folder = await tempFolder();
  const refusals = new Map<string, string>();
  const dropped = new Set<string>();
  const onRecordRefused = (peerId: string, reason: string) => void refusals.set(peerId, reason);
  const host = await startHostIn(folder.path, 0, { recordLimits: LIMITS, onRecordRefused });
  host.addEventListener('peer:disconnect', ({ detail }) => dropped.add(detail.toString()));
  cleanUps.push(async () => {
    await host.stop();
    await folder.remove();
  });
  const honest = await start();
  await connect(honest.host, host);
  const document = documentNamed('honest');
  expect(await senderOf(honest).send(host.peerId, [document.key], signal)).toBe(1);
  const isStillFound = async () => (await providersOf(document, { host })).length === 1;
  return { host, refusals, dropped, isStillFound };
}

const keysOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => documentNamed(`${name} ${index}`).key);

test('a peer that sends records without end is dropped and counted; the records kept stay bounded', async () => {
  const { host, refusals, dropped, isStillFound } = await startVictim();
  const attackers = [await start(), await start(), await start()];
  const floods = attackers.map(async (attacker, index) => {
    await connect(attacker.host, host);
    return senderOf(attacker).send(host.peerId, keysOf(`flood ${index}`, 3_000), signal);
  });
  await eventually(isStillFound);
  for (const taken of await Promise.all(floods)) expect(taken).toBeLessThanOrEqual(LIMITS.perPeer);
  const ids = attackers.map((attacker) => attacker.host.peerId.toString());
  await eventually(() => ids.every((id) => refusals.has(id) && dropped.has(id)));
  for (const id of ids) expect(refusals.get(id)).toBe('too-many-records');
  expect(host.services.records.size).toBeLessThanOrEqual(LIMITS.total);
  expect(await isStillFound()).toBe(true);
});

test('a record of a key that no document has is refused', async () => {
  const { host, refusals, isStillFound } = await startVictim();
  const attacker = await start();
  await connect(attacker.host, host);
  const stream = await attacker.host.dialProtocol(host.peerId, KAD_PROTOCOL, { signal });
  const [address] = attacker.host.getMultiaddrs();
  const identityHash = Uint8Array.of(0, 4, 1, 2, 3, 4);
  const record = addProvider(
    Uint8Array.of(0x01, 0x55, ...identityHash),
    attacker.host.peerId.toMultihash().bytes,
    address ? [address.bytes] : [],
  );
  await lpStream(stream).write(record, { signal });
  await eventually(() => refusals.get(attacker.host.peerId.toString()) === 'strange-key');
  expect(host.services.records.size).toBe(1);
  expect(await isStillFound()).toBe(true);
});
