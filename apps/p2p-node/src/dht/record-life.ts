const HOUR_MS = 3_600_000;

/** How long a node of the DHT keeps a record that is not renewed. */
export const RECORD_LIFE_MS = 48 * HOUR_MS;

/** How often this node renews each of its own records: so that one missed round does no harm. */
export const RENEW_EVERY_MS = 22 * HOUR_MS;

/** A renewal so soon after an announcement would be wasted; it is left to the next round. */
const TOO_SOON_MS = HOUR_MS;

/** No renewal is later than this after its announcement. */
export const LATEST_RENEWAL_MS = RENEW_EVERY_MS + TOO_SOON_MS;

/**
 * When a record that was announced now is to be renewed. Each place of the key space has its own moment in every round of
 * {@link RENEW_EVERY_MS}, in the order of the places: so renewals are spread evenly over the round, however many
 * documents were announced at once, and those that are due together are neighbours, for whom one look-up does.
 */
export function renewAtMs(place: Uint8Array, nowMs: number): number {
  const share = new DataView(place.buffer, place.byteOffset).getUint32(0) / 2 ** 32;
  const roundMs = nowMs - (nowMs % RENEW_EVERY_MS);
  const momentMs = roundMs + Math.floor(share * RENEW_EVERY_MS);
  const rounds = Math.ceil((nowMs + TOO_SOON_MS - momentMs) / RENEW_EVERY_MS);
  return momentMs + Math.max(0, rounds) * RENEW_EVERY_MS;
}
