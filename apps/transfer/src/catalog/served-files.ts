import type { ReadModel } from '@allibrary/platform';
import { FIRST_FILES_OF_DOCUMENT, type FileRecord, fileOf } from './catalog.ts';

/** Queries of serving: each runs for every piece that is sent. */
export class ServedFiles {
  constructor(private readonly model: Pick<ReadModel, 'prepare'>) {}

  /** Size of a document that peers may have; undefined for any other. */
  publicSizeBytes(documentId: string): number | undefined {
    const row = this.model
      .prepare(
        `SELECT size_bytes FROM document WHERE document_id = ?1
         AND EXISTS (SELECT 1 FROM public_file WHERE public_file.document_id = ?1)`,
      )
      .get(documentId);
    return row && Number(row['size_bytes']);
  }

  /** The first file that holds a document. */
  file(documentId: string): FileRecord | undefined {
    const row = this.model.prepare(`SELECT file.* ${FIRST_FILES_OF_DOCUMENT} LIMIT 1`).get(documentId);
    return row && fileOf(row);
  }

  /** The first file of a document in which the piece is not known to be damaged, or else the first damaged one. */
  fileWithPiece(
    documentId: string,
    index: number,
  ): { readonly file: FileRecord; readonly isDamaged: boolean } | undefined {
    const row = this.model
      .prepare(
        `SELECT * FROM (
           SELECT file.*, EXISTS (
             SELECT 1 FROM damage WHERE damage.collection = file.collection AND damage.path = file.path AND piece = ?2
           ) AS is_damaged ${FIRST_FILES_OF_DOCUMENT}
         ) ORDER BY is_damaged LIMIT 1`,
      )
      .get(documentId, index);
    return row && { file: fileOf(row), isDamaged: row['is_damaged'] === 1 };
  }
}
