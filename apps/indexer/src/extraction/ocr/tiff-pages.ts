const LITTLE_ENDIAN = Buffer.from('II*\0', 'latin1');
const BIG_ENDIAN = Buffer.from('MM\0*', 'latin1');
const ENTRY_BYTES = 12;
/** Directories may form a circle. */
const MAX_PAGES = 10_000;

/**
 * The pages of a TIFF file that has more than one, each as the file that begins with it: readers look at the first only
 * (TIFF 6.0, section 2). The same bytes are changed for each. Null for other files, and for one page.
 */
export function tiffPages(bytes: Buffer): Iterable<Buffer> | null {
  if (bytes.length < 8) return null;
  const sign = bytes.subarray(0, 4);
  const isLittleEndian = sign.equals(LITTLE_ENDIAN);
  if (!isLittleEndian && !sign.equals(BIG_ENDIAN)) return null;
  const number = (at: number): number => (isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const entries = (at: number): number => (isLittleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));

  const directories: number[] = [];
  for (let at = number(4); at !== 0 && at + 2 <= bytes.length && directories.length < MAX_PAGES; ) {
    if (directories.includes(at)) break;
    directories.push(at);
    const next = at + 2 + entries(at) * ENTRY_BYTES;
    at = next + 4 <= bytes.length ? number(next) : 0;
  }
  return directories.length > 1 ? beginningWith(bytes, directories, isLittleEndian) : null;
}

function* beginningWith(bytes: Buffer, directories: readonly number[], isLittleEndian: boolean): Generator<Buffer> {
  for (const directory of directories) {
    const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (isLittleEndian) page.writeUInt32LE(directory, 4);
    else page.writeUInt32BE(directory, 4);
    yield page;
  }
}
