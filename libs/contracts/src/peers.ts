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

/** Which peers the owner wants, and which not. */
export const PeersSettings = settings({
  name: 'peers',
  schema: z.strictObject({
    /** Peers to meet first, beside those of ALLIBRARY_BOOTSTRAP: addresses that end in /p2p/<peer id>. */
    bootstrap: z
      .array(MultiaddrText.regex(/\/p2p\/[1-9A-HJ-NP-Za-km-z]{40,64}$/, 'must end in /p2p/<peer id>'))
      .max(100)
      .default([]),
    /** Whether this node and others on its LAN find each other. */
    lanDiscovery: z.boolean().default(true),
    /** Peers that no limit keeps out, and who may connect at any time; a peer that is also denied stays out. */
    allowedPeers: peerIds(),
    /** Addresses that no limit keeps out. */
    allowedAddresses: addressRanges(),
    /** Peers that are neither let in nor dialled. */
    deniedPeers: peerIds(),
    /** Addresses from which nobody is let in, and that are not dialled. */
    deniedAddresses: addressRanges(),
    /** Peers whose connection is the last to be closed, and that are met again for ever: libraries that are followed. */
    protectedPeers: peerIds(),
    /** How many peers to be connected to: below `low` more are looked for, above `high` strangers are let go. */
    connections: z
      .strictObject({ low: z.int().min(0).max(200).default(20), high: z.int().min(1).max(280).default(160) })
      .refine(({ low, high }) => low < high, 'low must be less than high')
      .prefault({}),
  }),
});

/** Closes all connections to a peer; `not-found` when there is none. It may come back: deny it to keep it out. */
export const DisconnectPeer = request({
  subject: 'p2p.peers.disconnect',
  request: z.object({ peerId: PeerId }),
  reply: z.object({}),
  timeoutMs: 5_000,
});
