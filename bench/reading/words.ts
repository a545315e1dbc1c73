/** Words that a sample of documents holds, as the built-in readers read them. */
import { open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { TextExtractor } from '../../apps/indexer/src/extraction/child/text-extractor.ts';
import { TEST_LIMITS } from '../../apps/indexer/src/testing/test-extractor.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.html': 'text/html',
  '.epub': 'application/epub+zip',
  '.txt': 'text/plain',
};
const LIMITS = { ...TEST_LIMITS, memoryMiB: 512, timeLimitMs: 120_000, maxCharacters: 20_000_000 };
const WORDS_OF_EACH = 3;
/** Rare words show whether one document is found; what many documents hold, every search finds somewhere. */
const MOST_DOCUMENTS = 5;

/** A word, and a document that holds it. */
export interface Expected {
  readonly word: string;
  readonly name: string;
}

/** Takes some words from each nth document. PDFs are read by pdf.js here, because both sides index them with poppler. */
export async function sampleWords(library: string, names: readonly string[], every: number): Promise<Expected[]> {
  const extractor = new TextExtractor(LIMITS);
  const documents = new Map<string, Set<string>>();
  try {
    for (const name of names.filter((_, at) => at % every === 0)) {
      const handle = await open(join(library, name));
      const file = { handle, stats: await handle.stat() };
      const mediaType = MEDIA_TYPES[extname(name)] ?? 'text/plain';
      const extraction = await extractor.extract({ file, mediaType, sidecar: null });
      await handle.close();
      const text = extraction.kind === 'text' ? extraction.text : '';
      documents.set(name, new Set(text.match(/(?<![\p{L}\p{N}\p{M}\-_'’.])\p{Ll}{5,14}(?![\p{L}\p{N}\p{M}\-_'’])/gu)));
    }
  } finally {
    await extractor.close();
  }
  return [...documents].flatMap(([name, words]) =>
    rareOf(words, [...documents.values()]).map((word) => ({ word, name })),
  );
}

function rareOf(words: ReadonlySet<string>, documents: readonly ReadonlySet<string>[]): string[] {
  const rare = [...words].filter((word) => documents.filter((each) => each.has(word)).length <= MOST_DOCUMENTS);
  const step = Math.max(1, Math.floor(rare.length / WORDS_OF_EACH));
  return rare.filter((_, at) => at % step === 0).slice(0, WORDS_OF_EACH);
}
