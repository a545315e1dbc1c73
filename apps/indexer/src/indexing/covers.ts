import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Small pictures of documents' covers: files that may be deleted at any time, and are drawn anew with their document's text. */
export class Covers {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a document's cover, in place of the one before; null takes that away. */
  async keep(documentId: string, jpeg: Buffer | null): Promise<void> {
    const file = this.#fileOf(documentId);
    if (jpeg === null) return rm(file, { force: true });
    await mkdir(dirname(file), { recursive: true });
    const fresh = `${file}.${randomUUID()}`;
    await writeFile(fresh, jpeg);
    await rename(fresh, file);
  }

  /** A document's cover as JPEG; null when it has none. */
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
