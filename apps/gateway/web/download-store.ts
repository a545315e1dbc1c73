import type { Download, DownloadPriority } from '@allibrary/contracts';
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

  /** Pauses it, lets it go on, or tries it again. */
  steer(id: string, command: 'pause' | 'resume' | 'retry'): void {
    attempt(async () => this.put(await api.steerDownload(id, command)));
  }

  prioritise(id: string, priority: DownloadPriority): void {
    attempt(async () => this.put(await api.prioritiseDownload(id, priority)));
  }

  /** Cancels one that has not ended, and takes one that has from the list. */
  remove(download: Download): void {
    attempt(async () => {
      await api.removeDownload(download.id);
      if (isRunning(download)) this.put({ ...download, state: 'cancelled', cause: null, reason: null });
      else this.#set(this.all.filter(({ id }) => id !== download.id));
    });
  }

  /** Takes in how downloads stand now. */
  put(...changed: readonly Download[]): void {
    this.#set([...this.#downloads.values(), ...changed]);
  }

  #set(downloads: readonly Download[]): void {
    this.#downloads = new Map(downloads.map((download) => [download.id, download]));
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a download is not at its end. */
export const isRunning = ({ state }: Download): boolean => !['completed', 'failed', 'cancelled'].includes(state);
