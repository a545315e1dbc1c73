import type { Download } from '@allibrary/contracts';
import { api } from './api.ts';
import { attempt } from './attempt.ts';

/** The downloads of this node as the page knows them. */
export class DownloadStore {
  #downloads: ReadonlyMap<string, Download> = new Map();
  readonly #listeners: (() => void)[] = [];

  /** Newest first. */
  get all(): readonly Download[] {
    return [...this.#downloads.values()].toSorted((a, b) => b.requestedAtMs - a.requestedAtMs);
  }

  /** How many are not at their end. */
  get running(): number {
    return this.all.filter(isRunning).length;
  }

  /** The latest download of a document. */
  ofDocument(documentId: string): Download | null {
    return this.all.find((download) => download.documentId === documentId) ?? null;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  load(): void {
    attempt(async () => this.#set((await api.downloads()).items));
  }

  start(documentId: string): void {
    attempt(async () => this.put(await api.startDownload(documentId)));
  }

  cancel(id: string): void {
    attempt(async () => {
      await api.cancelDownload(id);
      this.#set([...this.#downloads.values()].filter((download) => download.id !== id));
    });
  }

  /** Takes in what an event says of a download. */
  put(download: Download): void {
    this.#set([...this.#downloads.values(), download]);
  }

  #set(downloads: readonly Download[]): void {
    this.#downloads = new Map(downloads.map((download) => [download.id, download]));
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a download is still on its way. */
export const isRunning = ({ state }: Download): boolean => state !== 'completed' && state !== 'failed';
