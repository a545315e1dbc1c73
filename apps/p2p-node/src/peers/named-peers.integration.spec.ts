// Real: libp2p's parsers of addresses and peer ids.
import { expect, test } from 'vitest';
import { namedPeers } from './named-peers.ts';

const PEER = '12D3KooWQYbgy91J6xroMrFugEyip26PFgjGUnEtdqHL3bXcP84b';
/** Has the right form, which is all that the settings check. */
const MISTYPED = `12D3KooW${'a'.repeat(44)}`;

test('a mistyped peer is reported and left out, the others are kept', () => {
  const invalid: string[] = [];
  const addresses = [`/ip4/192.0.2.1/tcp/6881/p2p/${PEER}`, `/ip4/192.0.2.1/tcp/1/p2p/${MISTYPED}`, `/no/p2p/${PEER}`];
  const named = namedPeers({ addresses, peerIds: [PEER, MISTYPED] }, (text) => void invalid.push(text));
  expect(named.map(({ peerId, address }) => [peerId, address?.toString() ?? null])).toEqual([
    [PEER, addresses[0]],
    [PEER, null],
  ]);
  expect(invalid).toEqual([addresses[1], addresses[2], MISTYPED]);
});
