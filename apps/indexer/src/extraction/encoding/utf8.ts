/** How many bytes the UTF-8 sequence at a place takes: 0 when it is none, -1 when the bytes end within it (RFC 3629, section 4). */
export function sequenceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next];
    if (byte === undefined) return -1;
    const least = next === 1 ? (LEAST_SECOND[first] ?? 0x80) : 0x80;
    const most = next === 1 ? (MOST_SECOND[first] ?? 0xbf) : 0xbf;
    if (byte < least || byte > most) return 0;
  }
  return length;
}

const LEAST_SECOND: Readonly<Record<number, number>> = { 0xe0: 0xa0, 0xf0: 0x90 };
const MOST_SECOND: Readonly<Record<number, number>> = { 0xed: 0x9f, 0xf4: 0x8f };

/** Decodes UTF-8, and bytes that are none as Windows-1252: one of them must not cost the letters beside it. */
export class LenientUtf8Decoder {
  readonly #single = new TextDecoder('windows-1252');
  #rest: Buffer = Buffer.of();

  decode(chunk: Uint8Array = Buffer.of(), { stream = false } = {}): string {
    const bytes = Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.of();
    let text = '';
    let from = 0;
    for (let at = 0; at < bytes.length; ) {
      const length = sequenceAt(bytes, at);
      if (length > 0) {
        at += length;
        continue;
      }
      text += bytes.toString('utf8', from, at);
      from = at;
      if (length < 0 && stream) break;
      at += 1;
      text += this.#single.decode(bytes.subarray(from, at));
      from = at;
    }
    const isCut = stream && from < bytes.length && sequenceAt(bytes, from) < 0;
    if (isCut) this.#rest = bytes.subarray(from);
    return isCut ? text : text + bytes.toString('utf8', from);
  }
}
