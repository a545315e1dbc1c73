import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenedFile } from '@allibrary/library';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import type { TextFormat } from '../extraction/text-format.ts';
import { openSidecar } from '../indexing/document-file.ts';
import type { Extraction } from '../extraction/extraction.ts';
import { TextExtractor, type TextExtractorOptions } from '../extraction/child/text-extractor.ts';
import { TEST_COLLECTION, testCollections } from './test-collections.ts';

/** Limits of the extraction in tests. */
export const TEST_LIMITS = {
  memoryMiB: 256,
  timeLimitMs: 20_000,
  maxCharacters: 100_000,
  idleMs: 60_000,
  children: 1,
  ocr: null,
  pdfToText: null,
};

/** What files of each format are by their names. */
export const MEDIA_TYPES: Readonly<Record<TextFormat, string>> = {
  plain: 'text/plain',
  markdown: 'text/markdown',
  html: 'text/html',
  xml: 'application/xml',
  json: 'application/json',
  tex: 'application/x-tex',
  subtitles: 'application/x-subrip',
  rtf: 'application/rtf',
  mail: 'message/rfc822',
  pdf: 'application/pdf',
  epub: 'application/epub+zip',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  odt: 'application/vnd.oasis.opendocument.text',
  picture: 'image/png',
};

/** Extracts the text of files that a test makes up, in a real child process and a folder of its own. */
export class TestExtractor {
  readonly #folder: TempFolder;
  readonly #extractor: TextExtractor;
  /** How many files it has written. */
  written = 0;

  private constructor(folder: TempFolder, change: Partial<TextExtractorOptions>) {
    this.#folder = folder;
    this.#extractor = new TextExtractor({ ...TEST_LIMITS, ...change });
  }

  static async open(change: Partial<TextExtractorOptions> = {}): Promise<TestExtractor> {
    return new TestExtractor(await tempFolder(), change);
  }

  /** Where the files are. */
  get path(): string {
    return this.#folder.path;
  }

  async extract(format: TextFormat, bytes: Uint8Array): Promise<Extraction> {
    return this.extractAs(`${(this.written += 1)}.${format}`, MEDIA_TYPES[format], bytes);
  }

  /** Extracts the text of a file that has this name, and the media type that such a name has. */
  async extractAs(name: string, mediaType: string, bytes: Uint8Array): Promise<Extraction> {
    return this.#withFile(name, bytes, async (file) => {
      const sidecar = await openSidecar(testCollections(this.path), [{ collection: TEST_COLLECTION, path: name }]);
      try {
        return await this.#extractor.extract({ file, mediaType, sidecar });
      } finally {
        await sidecar?.file.handle.close();
      }
    });
  }

  /** Draws the cover of a file that has this name, and this media type by its bytes. */
  async coverAs(name: string, mediaType: string, bytes: Uint8Array): Promise<Buffer | null> {
    return this.#withFile(name, bytes, (file) => this.#extractor.cover({ file, mediaType }));
  }

  async #withFile<T>(name: string, bytes: Uint8Array, work: (file: OpenedFile) => Promise<T>): Promise<T> {
    await writeFile(join(this.path, name), bytes);
    const file = await testCollections(this.path).openFile({ collection: TEST_COLLECTION, path: name });
    try {
      return await work(file);
    } finally {
      await file.handle.close();
    }
  }

  async close(): Promise<void> {
    await this.#extractor.close();
    await this.#folder.remove();
  }
}
