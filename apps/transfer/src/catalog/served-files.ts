import type { ReadModel } from '@allibrary/platform';
import { FILES_OF_DOCUMENT, type FileRecord, SHARED_FIRST, fileOf } from './catalog.ts';

/** A file to read a piece from. */
export interface FileWithPiece {
  readonly file: FileRecord;
  /** Whether the piece is known to be damaged in this file, and so in all files of the document. */
  readonly isDamaged: boolean;
}

/** Queries of serving, which run for each piece that is sent. */
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
    const row = this.model
      .prepare(`SELECT file.* ${FILES_OF_DOCUMENT} ORDER BY ${SHARED_FIRST} LIMIT 1`)
      .get(documentId);
    return row && fileOf(row);
  }

  /** The first file of a document in which the piece is not known to be damaged; a damaged one where there is no other. */
  fileWithPiece(documentId: string, index: number): FileWithPiece | undefined {
    const row = this.model
      .prepare(
        `SELECT file.*, EXISTS (
           SELECT 1 FROM damage WHERE damage.collection = file.collection AND damage.path = file.path AND piece = ?2
         ) AS is_damaged ${FILES_OF_DOCUMENT} ORDER BY is_damaged, ${SHARED_FIRST} LIMIT 1`,
      )
      .get(documentId, index);
    return row && { file: fileOf(row), isDamaged: row['is_damaged'] === 1 };
  }
}
