import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MultiaddrText, PeerId, TimestampMs } from '@allibrary/contracts';
import { z } from 'zod';

/** A library that was met, where it can be met again, and when it was last there. */
const KnownPeer = z.object({
  peerId: PeerId,
  multiaddrs: z.array(MultiaddrText).min(1).max(8),
  lastMetAtMs: TimestampMs,
});
export type KnownPeer = z.output<typeof KnownPeer>;

const KnownPeersFile = z.object({ peers: z.array(KnownPeer) });

const MOST_KNOWN = 200;
/** libp2p itself forgets a peer after two days: a node that was off for a holiday would come back to nobody. */
const KNOWN_FOR_MS = 30 * 24 * 3_600_000;

/** The libraries that were met last, in a file that outlives restarts and holidays. */
export class KnownPeers {
  constructor(
    private readonly file: string,
    private readonly now: () => number,
  ) {}

  /** Those that are not too long ago; none when there is no file, or one that can't be understood. */
  async read(): Promise<KnownPeer[]> {
    const text = await readFile(this.file, 'utf8').catch(() => '{}');
    const parsed = KnownPeersFile.safeParse(asJson(text));
    const oldest = this.now() - KNOWN_FOR_MS;
    return parsed.success ? parsed.data.peers.filter(({ lastMetAtMs }) => lastMetAtMs >= oldest) : [];
  }

  /** Takes in that these are met now, beside those that were met before. */
  async remember(met: readonly Omit<KnownPeer, 'lastMetAtMs'>[]): Promise<void> {
    const lastMetAtMs = this.now();
    const byId = new Map((await this.read()).map((peer) => [peer.peerId, peer]));
    for (const peer of met) byId.set(peer.peerId, { ...peer, lastMetAtMs });
    const peers = [...byId.values()].toSorted((a, b) => b.lastMetAtMs - a.lastMetAtMs).slice(0, MOST_KNOWN);
    await this.#write(JSON.stringify({ peers }, null, 1));
  }

  /** A kill at any moment leaves the old file or the new one. */
  async #write(text: string): Promise<void> {
    const temporary = `${this.file}.new`;
    await mkdir(dirname(this.file), { recursive: true });
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.file);
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
