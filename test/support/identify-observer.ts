/** A stranger for tests with network namespaces: `node identify-observer.ts <address>` prints what it learns by identify. */
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';

const [address = ''] = process.argv.slice(2);
const observer = await createLibp2p({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  services: { identify: identify() },
});
observer.addEventListener('peer:identify', ({ detail: { listenAddrs, signedPeerRecord } }) => {
  const signed = signedPeerRecord?.addresses.map(String) ?? [];
  process.stdout.write(JSON.stringify({ listed: listenAddrs.map(String), signed }), () => process.exit());
});
await observer.dial(multiaddr(address));
