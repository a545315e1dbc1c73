import type { Collections } from '@allibrary/library';
import type { Logger } from '@allibrary/platform';
import type { FileRecord } from '../catalog/catalog.ts';
import { isDamage } from './damage.ts';
import type { PieceCheck } from '../serving/shared-documents.ts';
import type { CurrentAuditSettings } from './current-audit-settings.ts';
import type { DamageStore } from './damage-store.ts';
import type { DocumentDigests } from './document-digests.ts';
import { versionOf } from './file-version.ts';

/** Verifies samples of what is served; a wrong piece is recorded and starts a repair. */
export class ServedPieceCheck implements PieceCheck {
  constructor(
    private readonly parts: {
      readonly digests: DocumentDigests;
      readonly store: DamageStore;
      readonly collections: Collections;
      readonly settings: CurrentAuditSettings;
      readonly logger: Logger;
      readonly onDamage: () => void;
      readonly onChecked: (isRight: boolean) => void;
    },
  ) {}

  get oneIn(): number {
    return this.parts.settings.value.checkOneServedPieceIn;
  }

  async accept(file: FileRecord, index: number, bytes: Buffer): Promise<boolean> {
    const { digests, store, collections, settings, logger, onDamage, onChecked } = this.parts;
    const isRight = digests.matches(file.documentId, index, bytes);
    onChecked(isRight);
    if (isRight) return true;
    const stats = await collections.stat(file);
    const found = stats && versionOf(stats);
    if (!found || !isDamage(file, found, found)) return false; // an edit: the watcher reports it, and it is hashed again
    if (store.damaged(file, index, 'served')) {
      const { collection, path } = file;
      logger.warn({ collection, path, piece: index }, 'a file is damaged: the piece is not served, and repaired next');
      if (settings.value.enabled) store.want(file.documentId); // where one piece is damaged, others may be
      onDamage();
    }
    return false;
  }
}
