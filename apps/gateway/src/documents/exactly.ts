/** Yields exactly `length` bytes. Throws when there are fewer, so that no client mistakes a part for the whole. */
export async function* exactly(parts: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let missing = length;
  for await (const part of parts) {
    yield part.length > missing ? part.subarray(0, missing) : part;
    missing -= part.length;
    if (missing <= 0) return;
  }
  throw new Error(`the document's bytes broke off ${missing} before their end`);
}
