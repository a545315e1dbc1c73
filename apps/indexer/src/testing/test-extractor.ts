import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import type { TextFormat } from '../domain/text-format.ts';
import type { Extraction } from '../extraction/extraction.ts';
import { TextExtractor } from '../extraction/text-extractor.ts';

const LIMITS = { memoryMiB: 256, timeLimitMs: 20_000, maxCharacters: 100_000, idleMs: 60_000, children: 1 };

/** Extracts the text of files that a test makes up, in a real child process and a folder of its own. */
export class TestExtractor {
  readonly #folder: TempFolder;
  readonly #extractor: TextExtractor;
  /** How many files it has written. */
  written = 0;

  private constructor(folder: TempFolder) {
    this.#folder = folder;
    this.#extractor = new TextExtractor({ libraryRoots: [folder.path], ...LIMITS });
  }

  static async open(): Promise<TestExtractor> {
    return new TestExtractor(await tempFolder());
  }

  /** Where the files are. */
  get path(): string {
    return this.#folder.path;
  }

  async extract(format: TextFormat, bytes: Uint8Array): Promise<Extraction> {
    const path = join(this.path, `${(this.written += 1)}.${format}`);
    await writeFile(path, bytes);
    return this.#extractor.extract({ path, format, sizeBytes: bytes.length });
  }

  async close(): Promise<void> {
    await this.#extractor.close();
    await this.#folder.remove();
  }
}
