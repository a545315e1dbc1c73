import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Seedbox } from '../../test/support/seedbox.ts';
import type { CaseFile, Step } from './case-list.ts';
import type { NodeView } from './judge.ts';

const POLL_MS = 500;

/** The files of one case in the library of a running node, in a folder of their own. */
export class CaseOnNode implements NodeView {
  readonly #seedbox: Seedbox;
  readonly #folder: string;
  readonly #source: string;

  /** `source` is the folder of cases. */
  constructor(seedbox: Seedbox, id: string, source: string) {
    this.#seedbox = seedbox;
    this.#folder = id;
    this.#source = source;
  }

  put(file: CaseFile): void {
    const to = this.#path(nameOf(file));
    mkdirSync(dirname(to), { recursive: true });
    if (file.text === undefined) copyFileSync(join(this.#source, file.file ?? ''), to);
    else writeFileSync(to, file.text);
  }

  take(step: Step): void {
    if ('add' in step) return this.put(step.add);
    if ('remove' in step) return rmSync(this.#path(step.remove));
    const [from, to] = 'rename' in step ? step.rename : step.copy;
    mkdirSync(dirname(this.#path(to)), { recursive: true });
    if ('rename' in step) renameSync(this.#path(from), this.#path(to));
    else copyFileSync(this.#path(from), this.#path(to));
  }

  /** Returns whether the documents of all of the files are indexed in time. */
  async isIndexed(names: readonly string[], until: number): Promise<boolean> {
    for (const name of names) {
      while ((await this.report(name)) === null) {
        if (performance.now() > until) return false;
        await delay(POLL_MS);
      }
    }
    return true;
  }

  async documentId(name: string): Promise<string | null> {
    const { state, documentId } = await this.#file(name);
    return state === 'shared' ? documentId : null;
  }

  async search(text: string): Promise<string[]> {
    const question = new URLSearchParams({ q: text, scope: 'local', limit: '100' });
    const { results } = await this.#seedbox.call<{ results: { documentId: string }[] }>('GET', `search?${question}`);
    return results.map(({ documentId }) => documentId);
  }

  async report(name: string): Promise<unknown> {
    const documentId = await this.documentId(name);
    if (documentId === null) return null;
    const response = await this.#seedbox.fetch(`documents/${documentId}/report`);
    return response.ok ? response.json() : null;
  }

  async hasCover(name: string): Promise<boolean> {
    return (await this.#seedbox.fetch(`documents/${await this.documentId(name)}/cover`)).ok;
  }

  async fileState(name: string): Promise<string> {
    return (await this.#file(name)).state;
  }

  #file(name: string): Promise<{ state: string; documentId: string | null }> {
    return this.#seedbox.call('GET', `files?path=${encodeURIComponent(`${this.#folder}/${name}`)}`);
  }

  #path(name: string): string {
    return join(this.#seedbox.library, this.#folder, name);
  }
}

/** The name that a file of a case has in the library. */
export const nameOf = ({ as, file = '' }: CaseFile): string => as ?? file.slice(file.lastIndexOf('/') + 1);
