import { hash } from 'node:crypto';

/** How many nodes keep the record of a key: k of Kademlia. */
export const RECORD_COPIES = 20;

/** The length of a place in the key space. */
export const PLACE_BYTES = 32;

/** A stretch of the key space: all places that begin with the same bits, written as a text of 0 and 1. */
export type Region = string;

/** Where something lies in the key space: the SHA-256 of a key's multihash, or of a peer id's. */
export const placeOf = (multihash: Uint8Array): Uint8Array => hash('sha256', multihash, 'buffer');

/** Whether a place lies in a region. */
export const isIn = (region: Region, place: Uint8Array): boolean =>
  [...region].every((bit, index) => bitAt(place, index) === bit);

/** The region of so many bits in which a place lies. */
export function regionOf(place: Uint8Array, bits: number): Region {
  let region = '';
  for (let index = 0; index < bits; index++) region += bitAt(place, index);
  return region;
}

/** With how many equal bits two places begin. */
export function commonBits(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < PLACE_BYTES; index++) {
    const difference = (a[index] ?? 0) ^ (b[index] ?? 0);
    if (difference !== 0) return index * 8 + Math.clz32(difference) - 24;
  }
  return PLACE_BYTES * 8;
}

/** Some bytes whose place lies in the region. Takes 2^bits hashes on average: regions have few bits. */
export function keyWithin(region: Region): Uint8Array {
  const key = new Uint8Array(8);
  const counter = new DataView(key.buffer);
  for (let count = 0; ; count++) {
    counter.setUint32(4, count);
    if (isIn(region, placeOf(key))) return key;
  }
}

/** The closest of them to a place, by the distance of Kademlia. */
export function closest<T extends { readonly place: Uint8Array }>(
  place: Uint8Array,
  among: readonly T[],
  count: number,
) {
  if (among.length <= count) return among;
  return among
    .map((each) => ({ each, head: headDistance(place, each.place) }))
    .sort((a, b) => a.head - b.head || compareDistance(place, a.each.place, b.each.place))
    .slice(0, count)
    .map(({ each }) => each);
}

const bitAt = (place: Uint8Array, index: number): '0' | '1' =>
  ((place[index >> 3] ?? 0) >> (7 - (index & 7))) & 1 ? '1' : '0';

/** The first 48 bits of the distance: nearly always enough, and a number. */
function headDistance(a: Uint8Array, b: Uint8Array): number {
  let head = 0;
  for (let index = 0; index < 6; index++) head = head * 256 + ((a[index] ?? 0) ^ (b[index] ?? 0));
  return head;
}

function compareDistance(from: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let index = 6; index < PLACE_BYTES; index++) {
    const difference = ((from[index] ?? 0) ^ (a[index] ?? 0)) - ((from[index] ?? 0) ^ (b[index] ?? 0));
    if (difference !== 0) return difference;
  }
  return 0;
}
