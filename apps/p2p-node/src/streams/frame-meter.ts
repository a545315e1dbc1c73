/** A header of yamux: version, type, flags (2 bytes), stream id (4 bytes), length (4 bytes). */
const HEADER_BYTES = 12;
const TYPE_AT = 1;
const LENGTH_AT = 8;
const DATA_TYPE = 0;

/**
 * Follows the frames of yamux in the bytes of a connection. @chainsafe/libp2p-yamux 8.0 collects a data frame of any
 * length, up to 4 GiB, before it looks at it.
 */
export class FrameMeter {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #bodyBytes = 0;
  #bodyLeft = 0;

  constructor(private readonly mostFrameBytes: number) {}

  /** Bytes received of a frame that is not complete. */
  get unfinishedBytes(): number {
    return this.#bodyLeft > 0 ? this.#bodyBytes - this.#bodyLeft : this.#headerBytes;
  }

  /** Reads on; returns false for a frame that is longer than allowed. */
  read(chunks: Iterable<Uint8Array>): boolean {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        if (this.#bodyLeft > 0) at += this.#skipBody(chunk.length - at);
        else at += this.#readHeader(chunk, at);
        if (this.#bodyBytes > this.mostFrameBytes) return false;
      }
    }
    return true;
  }

  #skipBody(available: number): number {
    const skipped = Math.min(available, this.#bodyLeft);
    this.#bodyLeft -= skipped;
    return skipped;
  }

  #readHeader(chunk: Uint8Array, from: number): number {
    const part = chunk.subarray(from, from + HEADER_BYTES - this.#headerBytes);
    this.#header.set(part, this.#headerBytes);
    this.#headerBytes += part.length;
    if (this.#headerBytes < HEADER_BYTES) return part.length;
    this.#headerBytes = 0;
    this.#bodyBytes = this.#header[TYPE_AT] === DATA_TYPE ? this.#header.readUInt32BE(LENGTH_AT) : 0;
    this.#bodyLeft = this.#bodyBytes;
    return part.length;
  }
}
