import { PIECE_BYTES, parseCid, pieceSizeBytes } from '@allibrary/core';
import type { Collections } from '@allibrary/library';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Catalog, FileRecord } from '../../catalog/catalog.ts';
import type { PeerSessions } from '../../peers/peer-sessions.ts';
import type { BufferPool } from '../../wire/buffer-pool.ts';
import type { Throttle } from '../../limits/fair/throttle.ts';
import type { DamageStore } from '../damage-store.ts';
import type { DocumentDigests } from '../document-digests.ts';
import type { PieceDonor } from '../integrity-metrics.ts';
import type { PieceWriter } from './piece-writer.ts';

/** So many pieces are asked of one source before the next is looked for. */
const ROUND = 10_000;
/** The longest that sources of one document are looked for and asked. */
const PEERS_LIMIT_MS = 600_000;

/** What a repair needs of the service. */
export interface PieceRepairParts {
  readonly catalog: Catalog;
  readonly collections: Collections;
  readonly digests: DocumentDigests;
  readonly store: DamageStore;
  readonly writer: PieceWriter;
  readonly logger: Logger;
  readonly onRepaired: (donor: PieceDonor) => void;
}

/** How right pieces are fetched from peers. */
export interface RepairSources {
  readonly sessions: PeerSessions;
  readonly pool: BufferPool;
  readonly throttle: Throttle;
}

/** Somewhere that pieces come from, not yet verified. */
interface PieceSource {
  /** Who gives them; null is another file of this node. */
  readonly peerId: string | null;
  piece(index: number): Promise<Buffer>;
}

/** Replaces the damaged pieces of a file by right ones, from other files of this node first and then from peers. */
export class PieceRepair {
  constructor(
    private readonly parts: PieceRepairParts,
    private readonly sources: RepairSources,
  ) {}

  /** Repairs as many pieces as there are sources for; returns whether the file is whole again. */
  async repair(file: FileRecord, signal: AbortSignal): Promise<boolean> {
    await this.#fromCopies(file);
    // A request to peers for a private document would reveal that it is here.
    if (this.#isDamaged(file) && this.parts.catalog.isPublic(file.documentId)) await this.#fromPeers(file, signal);
    return !this.#isDamaged(file);
  }

  #isDamaged(file: FileRecord): boolean {
    return this.parts.store.pieces(file, 1).length > 0;
  }

  async #fromCopies(file: FileRecord): Promise<void> {
    const { catalog } = this.parts;
    for (const copy of catalog.files(file.documentId)) {
      if (copy.inode === file.inode && copy.device === file.device) continue;
      await this.#take(file, { peerId: null, piece: (index) => this.#readCopy(copy, index) });
    }
  }

  async #fromPeers(file: FileRecord, stopping: AbortSignal): Promise<void> {
    const { sessions, throttle } = this.sources;
    const { documentId, sizeBytes } = file;
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(PEERS_LIMIT_MS)]);
    for await (const peerId of sessions.findSources(documentId, signal)) {
      const ask = sessions.use(peerId, ({ client }) => {
        const piece = async (index: number) => {
          await throttle.admit('received', pieceSizeBytes(sizeBytes, index), { peerId, documentId }, signal);
          return client.piece(parseCid(documentId), index, signal);
        };
        return this.#take(file, { peerId, piece });
      });
      await ask.catch((error: unknown) => this.#failed(file, peerId, error)); // it could not be reached
      if (!this.#isDamaged(file)) return;
    }
  }

  /** Takes what the source has; one that fails or gives a wrong piece is left. */
  async #take(file: FileRecord, source: PieceSource): Promise<void> {
    const { catalog, digests, store, writer, onRepaired } = this.parts;
    try {
      for (const index of store.pieces(file, ROUND)) {
        const bytes = await source.piece(index);
        if (!digests.matches(file.documentId, index, bytes)) throw new Error(`its piece ${index} is wrong`);
        const current = catalog.file(file);
        if (current?.documentId !== file.documentId) return;
        await writer.write(current, index, bytes, source.peerId === null ? [] : [source.peerId]);
        onRepaired(source.peerId === null ? 'copy' : 'peer');
        this.sources.pool.give(bytes);
      }
    } catch (error) {
      this.#failed(file, source.peerId ?? 'another file', error);
    }
  }

  async #readCopy(copy: FileRecord, index: number): Promise<Buffer> {
    const bytes = this.sources.pool.take(pieceSizeBytes(copy.sizeBytes, index));
    const { handle } = await this.parts.collections.openFile(copy);
    try {
      await handle.read(bytes, 0, bytes.length, index * PIECE_BYTES);
    } finally {
      await handle.close();
    }
    return bytes;
  }

  #failed({ collection, path }: FileRecord, source: string, error: unknown): void {
    this.parts.logger.info(
      { collection, path, source, error: describeError(error) },
      'a source could not repair a damaged file: the next one is tried',
    );
  }
}
