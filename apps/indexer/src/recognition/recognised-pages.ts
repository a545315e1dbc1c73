import { type FileHandle, appendFile, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '@allibrary/library';
import type { ServedFile } from '../extraction/child/source-server.ts';

/**
 * The texts that OCR has found on pages, in a file for each document. A page is added as soon as it is recognised, so OCR
 * goes on there after a restart; the texts are kept as long as the document, so it is not recognised twice.
 */
export class RecognisedPages {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Adds a page, counted from 1; '' when no text was found on it. */
  async add(documentId: string, page: number, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    // A crash may leave half of a line before it.
    await appendFile(this.#fileOf(documentId), `\n${JSON.stringify({ page, text })}\n`);
  }

  /** Opens the pages of a document; null when none is recognised. Whoever opened them closes them. */
  async open(documentId: string): Promise<ServedFile | null> {
    const handle = await this.#open(documentId);
    return handle && { handle, sizeBytes: (await handle.stat()).size };
  }

  async remove(documentId: string): Promise<void> {
    await rm(this.#fileOf(documentId), { force: true });
  }

  #open(documentId: string): Promise<FileHandle | null> {
    return open(this.#fileOf(documentId)).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
  }

  #fileOf(documentId: string): string {
    return join(this.#folder, `${documentId}.jsonl`);
  }
}
