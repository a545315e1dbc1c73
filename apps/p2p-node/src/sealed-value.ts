import { crc32 } from 'node:zlib';

const CHECKSUM_BYTES = 4;

/** A value with its checksum in front. */
export function seal(value: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
  sealed.writeUInt32BE(crc32(value));
  sealed.set(value, CHECKSUM_BYTES);
  return sealed;
}

/** The value of a sealed one; null when its bytes have changed. */
export function unseal(sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < CHECKSUM_BYTES) return null;
  const value = sealed.subarray(CHECKSUM_BYTES);
  const found = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0);
  return found === crc32(value) ? value : null;
}
