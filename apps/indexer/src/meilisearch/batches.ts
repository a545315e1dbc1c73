import type { EnqueuedTaskPromise, Index } from 'meilisearch';
import type { DocumentRecord, PassageRecord } from './schema.ts';

/** Characters of one request; Meilisearch accepts 100 MB. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
/** A task waits for all that were given before it, also those of others. */
const TASK_LIMIT = { timeout: 10 * 60_000, interval: 50 } as const;

/** What changes about one document. */
export interface Change {
  /** Passages to add; of those that are there already, what is new. */
  readonly passages: readonly PassageChange[];
  /** The ids of passages to delete. */
  readonly gone: readonly string[];
  readonly record: DocumentRecord;
}

/** A passage, or what is new in it. */
export type PassageChange = Pick<PassageRecord, 'id'> & Partial<PassageRecord>;

interface Waiting {
  readonly change: Change;
  readonly settle: PromiseWithResolvers<void>;
}

/** Writes changes to Meilisearch, which is slow for each and fast for many: those that come during one batch are the next. */
export class Batches {
  readonly #documents: Index<DocumentRecord>;
  readonly #passages: Index<PassageRecord>;
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(documents: Index<DocumentRecord>, passages: Index<PassageRecord>) {
    this.#documents = documents;
    this.#passages = passages;
  }

  /** Resolves when the change is stored and can be found; rejects when it is not, whatever has been stored of it. */
  async store(change: Change): Promise<void> {
    const settle = Promise.withResolvers<void>();
    this.#waiting.push({ change, settle });
    this.#writing ??= this.#writeAll();
    return settle.promise;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#write(batch.map(({ change }) => change));
        for (const { settle } of batch) settle.resolve();
      } catch (error) {
        for (const { settle } of batch) settle.reject(error);
      }
    }
    this.#writing = undefined;
  }

  /** Meilisearch does its tasks in their order: a record is there only when its passages are. */
  async #write(changes: readonly Change[]): Promise<void> {
    for (const passages of portionsOf(changes.flatMap((change) => change.passages))) {
      await done(this.#passages.updateDocuments(passages));
    }
    const gone = changes.flatMap((change) => change.gone);
    if (gone.length > 0) await done(this.#passages.deleteDocuments(gone));
    await done(this.#documents.updateDocuments(changes.map(({ record }) => record)));
  }
}

/** Waits until a task has succeeded. */
export async function done(enqueued: EnqueuedTaskPromise): Promise<void> {
  const { status, type, error } = await enqueued.waitTask(TASK_LIMIT);
  if (status !== 'succeeded') throw new Error(`Meilisearch did not do a task (${type}): ${error?.message ?? status}`);
}

function* portionsOf(passages: readonly PassageChange[]): Generator<PassageChange[]> {
  let portion: PassageChange[] = [];
  let characters = 0;
  for (const passage of passages) {
    portion.push(passage);
    characters += (passage.body?.length ?? 0) + (passage.folded?.length ?? 0);
    if (characters < MAX_CHARACTERS) continue;
    yield portion;
    portion = [];
    characters = 0;
  }
  if (portion.length > 0) yield portion;
}
