// Real: libp2p hosts over loopback, the other one in a process of its own whose clock is far off, or with stock TLS.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { UnexpectedPeerError } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { generateCertificate } from '@libp2p/tls/utils';
import { eventually, tempFolder } from '@allibrary/testing';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { X509Certificate } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { connectHosts, nameAddresses, removeTestHost, startTestHost } from '../testing/hosts.ts';
import { createCertificate, verifyCertificate } from './certificate.ts';

const HOUR_MS = 3_600_000;
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const clockOff = (byMs: number) =>
  `data:text/javascript,const D=Date,n=D.now.bind(D);globalThis.Date=class extends D{constructor(...a){super(...(a.length?a:[n()+${byMs}]))}static now(){return n()+${byMs}}}`;

/** A host in a process whose clock is off. */
async function startHostWithClock(offMs: number): Promise<string> {
  const folder = await tempFolder();
  const execArgv = [
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    '--import',
    clockOff(offMs),
  ];
  const child = fork(join(import.meta.dirname, '../testing/host-process.ts'), [folder.path, '0'], { execArgv });
  cleanUps.push(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await folder.remove();
  });
  const [[address]] = (await once(child, 'message')) as [[string]];
  return address;
}

async function startOwn() {
  const own = await startTestHost();
  cleanUps.push(() => removeTestHost(own));
  return own;
}

test.each([2 * HOUR_MS, -2 * HOUR_MS, 400 * 24 * HOUR_MS, -400 * 24 * HOUR_MS])(
  'peers whose clocks are %i ms apart connect by TLS',
  { timeout: 30_000 },
  async (offMs) => {
    const own = await startOwn();
    const address = multiaddr(await startHostWithClock(offMs));
    nameAddresses(own.host, [address]);
    const connection = await own.host.dial(address);
    expect(connection.encryption).toBe('/tls/1.0.0');
    await eventually(async () => (await own.host.peerStore.get(connection.remotePeer)).protocols.length > 0);
  },
);

test('a host with the TLS of libp2p connects in both directions, and the muxer is agreed on early', async () => {
  const own = await startOwn();
  const stock = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [tls()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  });
  cleanUps.push(() => stock.stop());
  nameAddresses(own.host, stock.getMultiaddrs());
  const out = await own.host.dial(stock.getMultiaddrs());
  expect([out.encryption, out.multiplexer]).toEqual(['/tls/1.0.0', '/yamux/1.0.0']);
  await out.close();
  await eventually(() => stock.getPeers().length === 0);
  const back = await stock.dial(own.host.getMultiaddrs());
  expect(back.remotePeer.equals(own.host.peerId)).toBe(true);
  await eventually(async () => (await stock.peerStore.get(own.host.peerId)).protocols.length > 0);
});

test('a stranger that resets its connection while our certificate is created does not end the process', async () => {
  const own = await startOwn();
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown) => void uncaught.push(error);
  process.on('uncaughtException', onUncaught);
  cleanUps.push(() => process.off('uncaughtException', onUncaught));
  for (let n = 0; n < 40; n++) {
    const socket = connect(own.port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    const heard = once(socket, 'data');
    socket.write('\u0013/multistream/1.0.0\n\u000b/tls/1.0.0\n');
    await heard;
    for (let turn = 0; turn < n % 8; turn++) await new Promise((resume) => setImmediate(resume));
    socket.resetAndDestroy();
  }
  const other = await startOwn();
  await connectHosts(other.host, own.host);
  expect(uncaught).toEqual([]);
});

test('a certificate names its peer, and holds from 1970 to 9999', async () => {
  const key = await generateKeyPair('Ed25519');
  const { raw, validFrom, validTo } = new X509Certificate((await createCertificate(key)).cert);
  expect((await verifyCertificate(raw)).equals(peerIdFromPrivateKey(key))).toBe(true);
  expect([validFrom, validTo]).toEqual(['Jan  1 00:00:00 1970 GMT', 'Dec 31 23:59:59 9999 GMT']);
});

test('a certificate is read from its own bytes, wherever in a larger buffer they lie', async () => {
  const [key, other] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')];
  const [own, others] = [await createCertificate(key), await createCertificate(other)].map(
    ({ cert }) => new X509Certificate(cert).raw,
  ) as [Buffer, Buffer];
  const both = Buffer.alloc(10_000); // has a buffer of its own, unlike Buffer.concat
  others.copy(both);
  own.copy(both, others.length);
  const id = await verifyCertificate(both.subarray(others.length, others.length + own.length));
  expect(id.equals(peerIdFromPrivateKey(key))).toBe(true);
});

test('a certificate of libp2p is verified too; one that was changed, or of another peer, is not', async () => {
  const [key, other] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')];
  const { raw } = new X509Certificate((await generateCertificate(key)).cert);
  expect((await verifyCertificate(raw, peerIdFromPrivateKey(key))).equals(peerIdFromPrivateKey(key))).toBe(true);
  await expect(verifyCertificate(raw, peerIdFromPrivateKey(other))).rejects.toThrow(UnexpectedPeerError);
  for (let at = 8; at < raw.length; at += 5)
    await expect(
      verifyCertificate(Buffer.from(raw).fill((raw[at] ?? 0) ^ 1, at, at + 1)),
      `byte ${at}`,
    ).rejects.toThrow(/./);
});
