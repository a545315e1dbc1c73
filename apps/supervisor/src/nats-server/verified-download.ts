import { createHash } from 'node:crypto';

const ANSWER_LIMIT_MS = 5_000;
const DOWNLOAD_LIMIT_MS = 120_000;
const MOST_BYTES = 64 * 1_048_576;

/** Downloads a file; throws unless its SHA-256 is the given one, and soon where there is no way to its server. */
export async function verifiedDownload(url: string, sha256: string): Promise<Uint8Array> {
  const answered = new AbortController();
  const timer = setTimeout(() => answered.abort(new Error(`${url} does not answer`)), ANSWER_LIMIT_MS);
  const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(DOWNLOAD_LIMIT_MS)]);
  const response = await fetch(url, { signal })
    .catch((error: unknown) => unreachable(url, error))
    .finally(() => clearTimeout(timer));
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const bytes = await readBounded(url, response.body ?? []);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Error(`${url} has another checksum`);
  return bytes;
}

/** The message of fetch is generic; the reason is in its cause. */
function unreachable(url: string, error: unknown): never {
  const { message, cause } = error as Error;
  throw new Error(cause instanceof Error ? `${url} can't be reached: ${cause.message}` : message, { cause: error });
}

async function readBounded(url: string, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > MOST_BYTES) throw new Error(`${url} is too large`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
