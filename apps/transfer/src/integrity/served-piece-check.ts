import type { Collections } from '@allibrary/library';
import type { Logger } from '@allibrary/platform';
import type { FileRecord } from '../catalog/catalog.ts';
import { isDamage } from './damage.ts';
import type { PieceCheck } from '../serving/shared-documents.ts';
import type { AuditWish } from './audit-wish.ts';
import type { DamageStore } from './damage-store.ts';
import type { DocumentDigests } from './document-digests.ts';
import { versionOf } from './file-version.ts';

/** Verifies samples of what is served; a wrong piece is noted, and the repair is told. */
export class ServedPieceCheck implements PieceCheck {
  constructor(
    private readonly parts: {
      readonly digests: DocumentDigests;
      readonly store: DamageStore;
      readonly collections: Collections;
      readonly wish: AuditWish;
      readonly logger: Logger;
      readonly onDamage: () => void;
      readonly onChecked: (isRight: boolean) => void;
    },
  ) {}

  get oneIn(): number {
    return this.parts.wish.value.checkOneServedPieceIn;
  }

  isDamaged(file: FileRecord, index: number): boolean {
    return this.parts.store.isDamaged(file, index);
  }

  async accept(file: FileRecord, index: number, bytes: Buffer): Promise<boolean> {
    const { digests, store, collections, wish, logger, onDamage, onChecked } = this.parts;
    const isRight = await digests.matches(file.documentId, index, bytes);
    onChecked(isRight);
    if (isRight) return true;
    const stats = await collections.stat(file);
    const found = stats && versionOf(stats);
    if (!found || !isDamage(file, found, found)) return false; // an edit: the watcher says so, and it is hashed anew
    if (store.damaged(file, index, 'served')) {
      const { collection, path } = file;
      logger.warn({ collection, path, piece: index }, 'a file is damaged: the piece is not served, and repaired next');
      if (wish.value.enabled) store.want(file.documentId); // where one piece is damaged, others may be
      onDamage();
    }
    return false;
  }
}
