import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '@allibrary/library';

/** Cover images of documents. The files may be deleted at any time; they are drawn again after their document is indexed again. */
export class Covers {
  readonly #folder: string;
  /** An empty file for each document whose cover is to be drawn. */
  readonly #expected: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#expected = join(folder, 'expected');
  }

  /** Remembers that a document's cover is to be drawn. */
  async expect(documentId: string): Promise<void> {
    await mkdir(this.#expected, { recursive: true });
    await writeFile(join(this.#expected, documentId), '');
  }

  /** Whether a document's cover is still to be drawn. */
  async isExpected(documentId: string): Promise<boolean> {
    return access(join(this.#expected, documentId)).then(
      () => true,
      () => false,
    );
  }

  /** Returns the documents whose covers are to be drawn. */
  async expected(): Promise<string[]> {
    return readdir(this.#expected).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
  }

  /** Stores a document's cover, or deletes it for null; it is expected no longer. */
  async keep(documentId: string, jpeg: Buffer | null): Promise<void> {
    const file = this.#fileOf(documentId);
    if (jpeg === null) await rm(file, { force: true });
    else await write(file, jpeg);
    await rm(join(this.#expected, documentId), { force: true });
  }

  /** Returns a document's cover as JPEG; null when it has none. */
  async find(documentId: string): Promise<Buffer | null> {
    try {
      return await readFile(this.#fileOf(documentId));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** In folders by the end of the id, where ids differ. */
  #fileOf(documentId: string): string {
    return join(this.#folder, documentId.slice(-2), `${documentId}.jpg`);
  }
}

async function write(file: string, jpeg: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const fresh = `${file}.${randomUUID()}`;
  await writeFile(fresh, jpeg);
  await rename(fresh, file);
}
