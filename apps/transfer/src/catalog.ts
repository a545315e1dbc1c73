import { basename } from 'node:path';
import { DocumentAdded, DocumentRemoved, type LibraryDocument } from '@allibrary/contracts';
import type { Manifest, ManifestNode } from '@allibrary/core';
import type { ReadModel } from '@allibrary/platform';
import type { Outbox } from './outbox.ts';

/** A file of the library, as it was when its document was computed. */
export interface FileRecord {
  readonly path: string;
  readonly documentId: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly inode: number;
}

/** A file whose bytes are known: its record, and what they are. */
export interface KnownFile extends FileRecord {
  readonly sha256: string;
  readonly mediaType: string;
  readonly manifest: Manifest;
}

type Row = Record<string, unknown>;

/** A page stays well below the longest message of the bus. */
const MOST_PAGE_BYTES = 400_000;

/** The documents of this node, the files they lie in, and the manifests that prove them. */
export class Catalog {
  constructor(
    private readonly model: ReadModel,
    private readonly outbox: Outbox,
    private readonly now: () => number,
  ) {}

  /** Records that a file holds a document; whatever the file held before is forgotten when it was the last of it. */
  record(file: KnownFile, alsoStore: () => void = () => {}): void {
    this.model.transaction(() => {
      const before = this.file(file.path);
      this.#insertDocument(file);
      this.#upsertFile(file);
      this.saveNodes(file.documentId, file.manifest.nodes);
      if (before?.documentId !== file.documentId) this.#announce(file.documentId);
      if (before && before.documentId !== file.documentId) this.#settleDocument(before.documentId);
      alsoStore();
    });
  }

  /** Records that a file is gone. */
  forget(path: string): void {
    this.model.transaction(() => {
      const before = this.file(path);
      if (!before) return;
      this.model.db.prepare('DELETE FROM file WHERE path = ?').run(path);
      this.#settleDocument(before.documentId);
    });
  }

  file(path: string): FileRecord | undefined {
    const row = this.model.db.prepare('SELECT * FROM file WHERE path = ?').get(path);
    return row && fileOf(row);
  }

  /** The files that hold a document. */
  files(documentId: string): FileRecord[] {
    const rows = this.model.db.prepare('SELECT * FROM file WHERE document_id = ? ORDER BY path').all(documentId);
    return rows.map(fileOf);
  }

  document(documentId: string): LibraryDocument | undefined {
    const row = this.model.db.prepare('SELECT * FROM document WHERE document_id = ?').get(documentId);
    return row && this.#documentOf(row);
  }

  /** A page of documents, newest first, after the one that the cursor names. */
  list(
    cursor: number | undefined,
    limit: number,
  ): { items: LibraryDocument[]; nextCursor: number | null; total: number } {
    const { db } = this.model;
    const rows = db
      .prepare('SELECT * FROM document WHERE number < ? ORDER BY number DESC LIMIT ?')
      .all(cursor ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const total = Number(db.prepare('SELECT count(*) AS total FROM document').get()?.['total']);
    const items = fitIntoMessage(rows.slice(0, limit).map((row) => this.#documentOf(row)));
    const nextCursor = items.length < rows.length ? Number(rows[items.length - 1]?.['number']) : null;
    return { items, nextCursor, total };
  }

  /** A node of any manifest that is known here. */
  node(cid: string): Uint8Array | undefined {
    return this.model.db.prepare('SELECT block FROM node WHERE cid = ?').get(cid)?.['block'] as Uint8Array | undefined;
  }

  /** Keeps the manifest of a document, whose pieces may still be on their way. */
  saveNodes(documentId: string, nodes: readonly ManifestNode[]): void {
    const insert = this.model.db.prepare('INSERT OR IGNORE INTO node (cid, document_id, block) VALUES (?, ?, ?)');
    for (const { cid, block } of nodes) insert.run(cid.toString(), documentId, block);
  }

  /** Forgets the manifest of a document that is not here after all. */
  dropNodes(documentId: string): void {
    if (this.files(documentId).length > 0) return;
    this.model.db.prepare('DELETE FROM node WHERE document_id = ?').run(documentId);
  }

  #insertDocument({ documentId, path, sizeBytes, mediaType, sha256 }: KnownFile): void {
    this.model.db
      .prepare(
        `INSERT INTO document (document_id, name, size_bytes, media_type, sha256, added_at_ms) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (document_id) DO NOTHING`,
      )
      .run(documentId, basename(path), sizeBytes, mediaType, sha256, this.now());
  }

  #upsertFile({ path, documentId, sizeBytes, modifiedAtMs, inode }: FileRecord): void {
    this.model.db
      .prepare(
        'INSERT OR REPLACE INTO file (path, document_id, size_bytes, modified_at_ms, inode) VALUES (?, ?, ?, ?, ?)',
      )
      .run(path, documentId, sizeBytes, modifiedAtMs, inode);
  }

  /** After a document lost a file: it goes with its last one, and is called after another one until then. */
  #settleDocument(documentId: string): void {
    const [remaining] = this.files(documentId);
    if (remaining) {
      this.model.db
        .prepare('UPDATE document SET name = ? WHERE document_id = ?')
        .run(basename(remaining.path), documentId);
      return this.#announce(documentId);
    }
    this.model.db.prepare('DELETE FROM document WHERE document_id = ?').run(documentId);
    this.dropNodes(documentId);
    this.outbox.add(DocumentRemoved, { documentId, changedAtMs: this.now() });
  }

  #announce(documentId: string): void {
    const document = this.document(documentId);
    if (document) this.outbox.add(DocumentAdded, { ...document, changedAtMs: this.now() });
  }

  #documentOf(row: Row): LibraryDocument {
    const documentId = String(row['document_id']);
    return {
      documentId,
      name: String(row['name']),
      sizeBytes: Number(row['size_bytes']),
      mediaType: String(row['media_type']),
      sha256: String(row['sha256']),
      locations: this.files(documentId)
        .slice(0, 64)
        .map(({ path }) => path),
      addedAtMs: Number(row['added_at_ms']),
    };
  }
}

/** The first of the documents, as many as one message holds; at least one. */
function fitIntoMessage(documents: readonly LibraryDocument[]): LibraryDocument[] {
  let bytes = 0;
  const fits = (document: LibraryDocument, index: number): boolean => {
    bytes += Buffer.byteLength(JSON.stringify(document));
    return index === 0 || bytes <= MOST_PAGE_BYTES;
  };
  const end = documents.findIndex((document, index) => !fits(document, index));
  return documents.slice(0, end < 0 ? documents.length : end);
}

const fileOf = (row: Row): FileRecord => ({
  path: String(row['path']),
  documentId: String(row['document_id']),
  sizeBytes: Number(row['size_bytes']),
  modifiedAtMs: Number(row['modified_at_ms']),
  inode: Number(row['inode']),
});
