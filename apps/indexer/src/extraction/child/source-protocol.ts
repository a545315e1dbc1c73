/** Descriptor of a child's socket to its parent, which serves the bytes of the files to be read. */
export const SOURCE_DESCRIPTOR = 4;
/** Most bytes in one range. */
export const RANGE_BYTES = 1024 * 1024;
export const REQUEST_BYTES = 16;
/** A reply begins with the number of bytes that follow; 0 means that the file has changed. */
export const REPLY_HEADER_BYTES = 4;

/** Number of the document among the files of a question. */
export const DOCUMENT = 0;
/** Number of the file beside it that describes it. */
export const SIDECAR = 1;
/** Number of the text of a PDF as `pdftotext` reads it. */
export const PDF_TEXT = 2;
/** Number of the texts that OCR has found on its pages. */
export const RECOGNISED = 3;

/** A range of one of the opened files. */
export interface RangeRequest {
  readonly source: number;
  readonly offset: number;
  readonly length: number;
}

export function encodeRequest({ source, offset, length }: RangeRequest): Buffer {
  const frame = Buffer.alloc(REQUEST_BYTES);
  frame.writeUInt32BE(source, 0);
  frame.writeBigUInt64BE(BigInt(offset), 4);
  frame.writeUInt32BE(length, 12);
  return frame;
}

/** Offsets beyond 2^53 lose precision, but stay far beyond every file. */
export const decodeRequest = (frame: Buffer): RangeRequest => ({
  source: frame.readUInt32BE(0),
  offset: Number(frame.readBigUInt64BE(4)),
  length: frame.readUInt32BE(12),
});
