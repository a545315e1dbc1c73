import { z } from 'zod';
import { MultiaddrText, PeerId } from './content.ts';
import { request } from './contract.ts';
import { settings } from './settings.ts';

/** One IP address, or a subnet of them, such as `203.0.113.0/24` or `2001:db8::/32`. */
export const AddressRange = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'must be an IP address or a subnet, like 203.0.113.0/24',
);

const peerIds = () => z.array(PeerId).max(1_000).default([]);
const addressRanges = () => z.array(AddressRange).max(1_000).default([]);

/** The owner's decisions about peers. */
export const PeersSettings = settings({
  name: 'peers',
  schema: z.strictObject({
    /** Bootstrap peers in addition to ALLIBRARY_BOOTSTRAP: addresses that end in /p2p/<peer id>. */
    bootstrap: z
      .array(MultiaddrText.regex(/\/p2p\/[1-9A-HJ-NP-Za-km-z]{40,64}$/, 'must end in /p2p/<peer id>'))
      .max(100)
      .default([]),
    /** Whether this node and others on its LAN discover each other. */
    lanDiscovery: z.boolean().default(true),
    /** Peers exempt from all limits, which may connect at any time; a peer that is also denied stays denied. */
    allowedPeers: peerIds(),
    /** Addresses exempt from all limits. */
    allowedAddresses: addressRanges(),
    /** Peers that are neither accepted nor dialled. */
    deniedPeers: peerIds(),
    /** Addresses that are neither accepted nor dialled. */
    deniedAddresses: addressRanges(),
    /** Peers whose connection is pruned last and that are always reconnected, such as followed libraries. */
    protectedPeers: peerIds(),
    /** Connection target: below `low` more peers are dialled, above `high` strangers are pruned. */
    connections: z
      .strictObject({ low: z.int().min(0).max(200).default(20), high: z.int().min(1).max(280).default(160) })
      .refine(({ low, high }) => low < high, 'low must be less than high')
      .prefault({}),
  }),
});

/** Closes all connections to a peer; `not-found` when there is none. The peer may reconnect unless it is denied. */
export const DisconnectPeer = request({
  subject: 'p2p.peers.disconnect',
  request: z.object({ peerId: PeerId }),
  reply: z.object({}),
  timeoutMs: 5_000,
});
