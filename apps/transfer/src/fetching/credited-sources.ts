import { MOST_DOWNLOAD_SOURCES } from '@allibrary/contracts';

/** Adds bytes that a peer has given. When there are too many peers, the other one that gave least is removed. */
export function credit(bytesBySource: Map<string, number>, peerId: string, bytes: number): void {
  bytesBySource.set(peerId, (bytesBySource.get(peerId) ?? 0) + bytes);
  if (bytesBySource.size <= MOST_DOWNLOAD_SOURCES) return;
  const others = [...bytesBySource].filter(([other]) => other !== peerId);
  const [least] = others.reduce((best, each) => (each[1] < best[1] ? each : best));
  bytesBySource.delete(least);
}
