import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Cover images of documents. The files may be deleted at any time; indexing a document draws its cover again. */
export class Covers {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Stores a document's cover, or deletes it for null. */
  async keep(documentId: string, jpeg: Buffer | null): Promise<void> {
    const file = this.#fileOf(documentId);
    if (jpeg === null) return rm(file, { force: true });
    await mkdir(dirname(file), { recursive: true });
    const fresh = `${file}.${randomUUID()}`;
    await writeFile(fresh, jpeg);
    await rename(fresh, file);
  }

  /** Returns a document's cover as JPEG; null when it has none. */
  async find(documentId: string): Promise<Buffer | null> {
    try {
      return await readFile(this.#fileOf(documentId));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  /** In folders by the end of the id, where ids differ. */
  #fileOf(documentId: string): string {
    return join(this.#folder, documentId.slice(-2), `${documentId}.jpg`);
  }
}
