import { EventEmitter } from 'node:events';
import type { Holdings } from '../wire/holdings.ts';
import type { Description } from '../wire/messages.ts';

/** A document of which some pieces are here, because it is being downloaded. */
export interface PartialDocument {
  readonly description: Description;
  /** The pieces that are verified and written; it grows. */
  readonly held: Holdings;
  /** Reads a piece that is held; whoever gets the memory owns it. */
  read(index: number): Promise<Buffer>;
  /** Whether the bytes that were read are right; a damaged piece is fetched again. */
  accept(index: number, bytes: Buffer): Promise<boolean>;
}

/** Is told what becomes of a partial document. */
export interface PartialListener {
  readonly onGained: (index: number) => void;
  /** The download has ended, in whatever way, or stands still. */
  readonly onEnd: () => void;
}

/** A partial document that is offered: who offers it tells of each piece, and of the end. */
export interface PartialOffer {
  gained(index: number): void;
  end(): void;
}

interface Entry {
  readonly document: PartialDocument;
  readonly events: EventEmitter<{ gained: [index: number]; end: [] }>;
}

/** The documents that are being downloaded here and may be fetched from here at the same time. */
export class PartialDocuments {
  readonly #entries = new Map<string, Entry>();

  /** @param isPublic whether peers may know of downloads now */
  constructor(private readonly isPublic: () => boolean) {}

  /** Which they are; none while downloads are private. */
  get documentIds(): string[] {
    return this.isPublic() ? [...this.#entries.keys()] : [];
  }

  /** Offers a document until the end is told. */
  offer(documentId: string, document: PartialDocument): PartialOffer {
    const entry: Entry = { document, events: new EventEmitter<{ gained: [number]; end: [] }>().setMaxListeners(0) };
    this.#entries.set(documentId, entry);
    return {
      gained: (index) => void entry.events.emit('gained', index),
      end: () => {
        if (this.#entries.get(documentId) === entry) this.#entries.delete(documentId);
        entry.events.emit('end');
      },
    };
  }

  /** What is here of a document; undefined when it is not being downloaded, or when peers may not know of it. */
  find(documentId: string): PartialDocument | undefined {
    return this.isPublic() ? this.#entries.get(documentId)?.document : undefined;
  }

  /** Tells a listener what becomes of a document that is offered, until the function that it answers is called. */
  follow(documentId: string, { onGained, onEnd }: PartialListener): () => void {
    const events = this.#entries.get(documentId)?.events;
    events?.on('gained', onGained).once('end', onEnd);
    return () => void events?.off('gained', onGained).off('end', onEnd);
  }
}
