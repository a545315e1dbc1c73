import { type FileHandle, appendFile, mkdir, open, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type OpenedFile, isMissing } from '@allibrary/library';
import PQueue from 'p-queue';
import type { ServedFile } from '../extraction/child/source-server.ts';
import type { PageRecogniser } from './page-recogniser.ts';

/**
 * The texts that OCR has found on pages, in a file for each document. A page is added as soon as it is recognised, so OCR
 * continues with the next one after a restart. The texts are kept as long as the document, so no page is recognised twice.
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

  /** Opens the pages of a document; null when none is recognised. The caller closes them. */
  async open(documentId: string): Promise<ServedFile | null> {
    const handle = await this.#open(documentId);
    return handle && { handle, sizeBytes: (await handle.stat()).size };
  }

  /** Deletes the pages of a document. */
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

/** Pages of a document that are to be recognised. */
export interface WantedPages {
  readonly documentId: string;
  readonly file: OpenedFile;
  readonly pages: readonly number[];
}

/** How they are recognised, and where their texts are kept. */
export interface PageWork {
  readonly recogniser: Pick<PageRecogniser, 'textOf'>;
  readonly store: Pick<RecognisedPages, 'add'>;
  readonly signal: AbortSignal;
  readonly onPage?: () => Promise<void>;
}

/** Recognises pages, one on each core, until the signal aborts. */
export async function recognisePages(
  { documentId, file, pages }: WantedPages,
  { recogniser, store, signal, onPage }: PageWork,
): Promise<void> {
  const queue = new PQueue({ concurrency: availableParallelism() });
  const recognise = async (page: number): Promise<void> => {
    const text = await recogniser.textOf(file, page, signal);
    if (signal.aborted) return;
    await store.add(documentId, page, text);
    await onPage?.();
  };
  await queue.addAll(pages.map((page) => () => recognise(page)));
}
