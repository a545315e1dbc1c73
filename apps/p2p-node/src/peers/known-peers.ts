import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MultiaddrText, PeerId, TimestampMs } from '@allibrary/contracts';
import { replaceFile } from '@allibrary/platform';
import { z } from 'zod';
import { ADDRESS_SCOPES } from '../addresses/address-scope.ts';

/** A library that this node was connected to, and its addresses. */
const KnownPeer = z.object({
  peerId: PeerId,
  multiaddrs: z.array(MultiaddrText).min(1).max(8),
  /** How far away it was: its addresses may be dialled within this scope. Files of version 0.1 do not have it. */
  scope: z.enum(ADDRESS_SCOPES).default('public'),
  /** Orders the peers. The clock may have been wrong, so nothing expires by it. */
  lastMetAtMs: TimestampMs,
});
export type KnownPeer = z.output<typeof KnownPeer>;

const KnownPeersFile = z.object({ peers: z.array(KnownPeer) });

const MAX_KNOWN = 200;

/** File of the libraries that were connected last: libp2p forgets a peer after two days. */
export class KnownPeers {
  constructor(
    private readonly file: string,
    private readonly now: () => number,
    private readonly onDamaged: (reason: string) => void,
  ) {}

  /** Returns the peers of the file, the latest first; none when it is missing or damaged. */
  async read(): Promise<KnownPeer[]> {
    try {
      const { peers } = KnownPeersFile.parse(JSON.parse(await readFile(this.file, 'utf8')));
      return peers;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onDamaged(String(error).slice(0, 200));
      return [];
    }
  }

  /** Adds peers that are connected now. */
  async remember(met: readonly Omit<KnownPeer, 'lastMetAtMs'>[]): Promise<void> {
    const known = await this.read();
    // A clock that was set back must not rank connected peers behind earlier ones.
    const lastMetAtMs = known.reduce((latest, peer) => Math.max(latest, peer.lastMetAtMs), this.now());
    const byId = new Map(known.map((peer) => [peer.peerId, peer]));
    for (const peer of met) byId.delete(peer.peerId);
    const peers = [...met.map((peer) => ({ ...peer, lastMetAtMs })), ...byId.values()]
      .toSorted((a, b) => b.lastMetAtMs - a.lastMetAtMs)
      .slice(0, MAX_KNOWN);
    await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
    replaceFile(this.file, JSON.stringify({ peers }, null, 1));
  }
}
