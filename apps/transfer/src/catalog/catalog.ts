import { basename } from 'node:path';
import {
  type Collection,
  DocumentAdded,
  type DocumentId,
  DocumentRemoved,
  type LibraryDocument,
  type ListFiles,
  type ListRevisions,
  type Location,
  type ReplyOf,
  type RequestOf,
} from '@allibrary/contracts';
import { type ManifestNode, isPiece, parseCid } from '@allibrary/core';
import type { ReadModel } from '@allibrary/platform';
import { fitIntoMessage } from './fit-into-message.ts';
import { mediaTypeOf } from './media-type.ts';
import { pathAfterMove } from './moved-folder.ts';
import type { Outbox } from './outbox.ts';
import type { Revisions } from './revisions.ts';

/** A file of the library, as it was when its document was computed. */
export interface FileRecord extends Location {
  readonly documentId: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly inode: number;
  readonly device: number;
}

/** A file whose bytes are known: its record, and what they are. */
export interface KnownFile extends FileRecord {
  readonly mediaType: string;
  /** The nodes of its manifest that may not be stored yet. */
  readonly nodes: Iterable<ManifestNode>;
}

type Row = Record<string, unknown>;

/** Documents, each with whether peers may have it, and whether one of its files is in reach. */
const DOCUMENTS = `
  SELECT *, EXISTS (SELECT 1 FROM public_file WHERE public_file.document_id = document.document_id) AS is_public,
    EXISTS (
      SELECT 1 FROM file JOIN shared_collection USING (collection)
      WHERE file.document_id = document.document_id AND NOT is_withheld
    ) AS is_available FROM document`;
/** What is published of a document's visibility and availability, as one number. */
const STATE = 'is_public * 2 + is_available';
/** Files that hold the document ?1. */
export const FILES_OF_DOCUMENT = 'FROM file LEFT JOIN shared_collection USING (collection) WHERE document_id = ?1';
/** Puts files that peers may have first, and those that are out of reach last. */
export const SHARED_FIRST = `
  (collection, path) NOT IN (SELECT collection, path FROM public_file WHERE document_id = ?1),
  coalesce(is_withheld, 1), collection, path`;
/** So many documents change their visibility in one transaction. */
const VISIBILITY_BATCH = 500;

/** The documents of this node, the files they lie in, and the manifests that prove them. */
export class Catalog {
  constructor(
    private readonly model: ReadModel,
    private readonly outbox: Outbox,
    private readonly revisions: Revisions,
    private readonly now: () => number,
  ) {}

  /** Records that a file holds a document; whatever the file held before is forgotten when it was the last of it. */
  record(file: KnownFile, alsoStore: () => void = () => {}): void {
    this.model.transaction(() => {
      const before = this.file(file);
      this.#insertDocument(file);
      this.#upsertFile(file);
      for (const node of file.nodes) this.saveNode(file.documentId, node);
      if (before?.documentId !== file.documentId) this.#announce(file.documentId);
      if (before && before.documentId !== file.documentId) this.#settleDocument(before.documentId);
      alsoStore();
    });
  }

  /** Records that a file holds a document that is known already: it was moved, copied or linked. */
  recordAlso(file: FileRecord): void {
    this.model.transaction(() => {
      const before = this.file(file);
      this.#upsertFile(file);
      this.#announce(file.documentId);
      if (before && before.documentId !== file.documentId) this.#settleDocument(before.documentId);
    });
  }

  /** Records that a file is gone. */
  forget(location: Location): void {
    this.model.transaction(() => this.#forget(location));
  }

  file({ collection, path }: Location): FileRecord | undefined {
    const row = this.model.prepare('SELECT * FROM file WHERE collection = ? AND path = ?').get(collection, path);
    return row && fileOf(row);
  }

  /** A file that is the very same to the file system, unchanged: what was recorded of it is true of its other name. */
  sameFile({
    device,
    inode,
    sizeBytes,
    modifiedAtMs,
  }: Omit<FileRecord, 'documentId' | keyof Location>): FileRecord | undefined {
    const row = this.model
      .prepare('SELECT * FROM file WHERE inode = ? AND device = ? AND size_bytes = ? AND modified_at_ms = ? LIMIT 1')
      .get(inode, device, sizeBytes, modifiedAtMs);
    return row && fileOf(row);
  }

  /** The files that hold a document: first those that peers may have, last those that are out of reach. */
  files(documentId: string): FileRecord[] {
    const rows = this.model.prepare(`SELECT file.* ${FILES_OF_DOCUMENT} ORDER BY ${SHARED_FIRST}`).all(documentId);
    return rows.map(fileOf);
  }

  /** Whether peers may see the document. */
  isPublic(documentId: string): boolean {
    return this.model.prepare(`${DOCUMENTS} WHERE document_id = ?`).get(documentId)?.['is_public'] === 1;
  }

  /** Returns those of the documents that are in the catalog. */
  held(documentIds: readonly DocumentId[]): DocumentId[] {
    return this.model
      .prepare('SELECT document_id FROM document WHERE document_id IN (SELECT value FROM json_each(?))')
      .all(JSON.stringify(documentIds))
      .map((row) => row['document_id'] as DocumentId);
  }

  document(documentId: string): LibraryDocument | undefined {
    const row = this.model.prepare(`${DOCUMENTS} WHERE document_id = ?`).get(documentId);
    return row && this.#documentOf(row);
  }

  /** A page of documents, newest first, after the one that the cursor names. */
  list(
    cursor: number | undefined,
    limit: number,
  ): { items: LibraryDocument[]; nextCursor: number | null; total: number } {
    const rows = this.model
      .prepare(`${DOCUMENTS} WHERE number < ? ORDER BY number DESC LIMIT ?`)
      .all(cursor ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const items = fitIntoMessage(rows.slice(0, limit).map((row) => this.#documentOf(row)));
    const nextCursor = items.length < rows.length ? Number(rows[items.length - 1]?.['number']) : null;
    return { items, nextCursor, total: this.countDocuments() };
  }

  /** The latest revision of each document whose id comes after the given one. */
  listRevisions({ after, limit }: RequestOf<typeof ListRevisions>): ReplyOf<typeof ListRevisions> {
    const { latest } = this.revisions; // read first: what is removed later gets a higher one
    const rows = this.model
      .prepare(`${DOCUMENTS} WHERE document_id > ? ORDER BY document_id LIMIT ?`)
      .all(after, limit);
    const items = rows.map((row) => ({
      documentId: String(row['document_id']),
      revision: Number(row['revision']),
      isPublic: row['is_public'] === 1,
    }));
    return { items, isLast: items.length < limit, latest };
  }

  /** The files of a collection whose paths come after the given one; at most as many as one message holds. */
  listFiles({ collection, after, limit }: RequestOf<typeof ListFiles>): ReplyOf<typeof ListFiles> {
    const rows = this.model
      .prepare('SELECT * FROM file WHERE collection = ? AND path > ? ORDER BY path LIMIT ?')
      .all(collection, after, limit);
    const files = rows.map(fileOf).map(({ path, sizeBytes, modifiedAtMs, inode, device }) => ({
      ...{ path, sizeBytes, inode, device },
      modifiedAtMs: Math.max(0, modifiedAtMs), // a file may be dated before 1970, a message may not
    }));
    const items = fitIntoMessage(files);
    return { items, isLast: items.length < limit && items.length === files.length };
  }

  /** The collections of which files are recorded, wanted or not. */
  get collections(): string[] {
    const next = this.model.prepare('SELECT min(collection) AS collection FROM file WHERE collection > ?');
    const found: string[] = [];
    for (let row = next.get(''); row && row['collection'] !== null; row = next.get(found.at(-1) ?? ''))
      found.push(String(row['collection']));
    return found;
  }

  /** How many documents this node has. */
  countDocuments(): number {
    return Number(this.model.prepare('SELECT count(*) AS total FROM document').get()?.['total']);
  }

  /**
   * Applies which collections are wanted, public and withheld; it holds from now on, for every document. Files that lie
   * outside of a collection's new folder are forgotten at once, whatever the watcher does.
   */
  setCollections(collections: readonly Collection[], isWithheld: (id: string) => boolean): void {
    this.model.transaction(() => {
      const known = this.model.prepare('SELECT folder FROM shared_collection WHERE collection = ?');
      const store = this.model.prepare('INSERT OR REPLACE INTO shared_collection VALUES (?, ?, ?, ?)');
      this.model.db.exec(`UPDATE shared_collection SET visibility = 'gone', is_withheld = 1`);
      const moved: { id: string; from: string; to: string }[] = [];
      for (const { id, folder, visibility } of collections) {
        const before = known.get(id)?.['folder'];
        store.run(id, folder, visibility, Number(isWithheld(id)));
        if (typeof before === 'string' && before !== folder) moved.push({ id, from: before, to: folder });
      }
      for (const move of moved) this.#moveFolder(move);
    });
  }

  /** Publishes of some documents that peers may have them now, or no longer; returns false when all is published. */
  publishVisibility(): boolean {
    return this.model.transaction(() => {
      const changed = this.model
        .prepare(`SELECT document_id FROM (${DOCUMENTS}) WHERE ${STATE} <> published LIMIT ${VISIBILITY_BATCH}`)
        .all();
      for (const { document_id: documentId } of changed) this.#announce(String(documentId));
      return changed.length > 0;
    });
  }

  /** Records the SHA-256 of a whole document, once somebody has read all of it. */
  setSha256(documentId: string, sha256: string): void {
    this.model.transaction(() => {
      const { changes } = this.model
        .prepare('UPDATE document SET sha256 = ? WHERE document_id = ? AND sha256 IS NOT ?')
        .run(sha256, documentId, sha256);
      if (changes > 0) this.#announce(documentId);
    });
  }

  /** Records the time that a file has after this node wrote in it, and left its document as it is. */
  setModified({ collection, path }: Location, modifiedAtMs: number): void {
    this.model
      .prepare('UPDATE file SET modified_at_ms = ? WHERE collection = ? AND path = ?')
      .run(modifiedAtMs, collection, path);
  }

  /** A node of any manifest that is known here. */
  node(cid: string): Uint8Array | undefined {
    return this.model.prepare('SELECT block FROM node WHERE cid = ?').get(cid)?.['block'] as Uint8Array | undefined;
  }

  /** Keeps a node of the manifest of a document, whose pieces may still be on their way. */
  saveNode(documentId: string, { cid, block }: ManifestNode): void {
    this.model
      .prepare('INSERT OR IGNORE INTO node (cid, document_id, block) VALUES (?, ?, ?)')
      .run(cid.toString(), documentId, block);
  }

  /** Forgets the manifest of a document that is not here after all. */
  dropNodes(documentId: string): void {
    if (this.files(documentId).length > 0) return;
    this.model.prepare('DELETE FROM node WHERE document_id = ?').run(documentId);
  }

  #forget(location: Location): void {
    const before = this.file(location);
    if (!before) return;
    this.model.prepare('DELETE FROM file WHERE collection = ? AND path = ?').run(location.collection, location.path);
    this.#settleDocument(before.documentId);
  }

  /** Files that lie in the new folder too keep what is known of them under their new paths. */
  #moveFolder({ id, from, to }: { readonly id: string; readonly from: string; readonly to: string }): void {
    const paths = this.model.prepare('SELECT path FROM file WHERE collection = ?').all(id);
    const moves = paths.map(({ path }) => ({ path: String(path), after: pathAfterMove(String(path), from, to) }));
    for (const { path, after } of moves) if (after === null) this.#forget({ collection: id, path });
    // In this order no path is taken yet: the shortest first when all become shorter, else the longest.
    const direction = to.length > from.length ? 1 : -1;
    for (const { path, after } of moves.toSorted((a, b) => direction * (a.path.length - b.path.length))) {
      if (after === null || after === path) continue;
      for (const table of ['file', 'fixity', 'damage', 'repair'])
        this.model.prepare(`UPDATE ${table} SET path = ? WHERE collection = ? AND path = ?`).run(after, id, path);
      const documentId = this.file({ collection: id, path: after })?.documentId;
      if (documentId) this.#announce(documentId);
    }
  }

  #insertDocument({ documentId, sizeBytes, mediaType }: KnownFile): void {
    this.model
      .prepare(
        `INSERT INTO document (document_id, size_bytes, media_type, sha256, added_at_ms) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (document_id) DO NOTHING`,
      )
      .run(documentId, sizeBytes, mediaType, sha256Of(documentId), this.now());
  }

  #upsertFile({ collection, path, documentId, sizeBytes, modifiedAtMs, inode, device }: FileRecord): void {
    this.model
      .prepare(
        `INSERT OR REPLACE INTO file (collection, path, document_id, size_bytes, modified_at_ms, inode, device)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(collection, path, documentId, sizeBytes, modifiedAtMs, inode, device);
  }

  /** After a document lost a file: it goes with its last one. */
  #settleDocument(documentId: string): void {
    if (this.files(documentId).length > 0) return this.#announce(documentId);
    this.model.prepare('DELETE FROM document WHERE document_id = ?').run(documentId);
    this.dropNodes(documentId);
    this.outbox.add(DocumentRemoved, { documentId, changedAtMs: this.now(), revision: this.revisions.next() });
  }

  #announce(documentId: string): void {
    const document = this.document(documentId);
    if (!document) return;
    const revision = this.revisions.next();
    const { isPublic, isAvailable } = document;
    this.model
      .prepare('UPDATE document SET published = ?, revision = ? WHERE document_id = ?')
      .run(Number(isPublic) * 2 + Number(isAvailable), revision, documentId);
    this.outbox.add(DocumentAdded, { ...document, changedAtMs: this.now(), revision });
  }

  /** A document has the name of its first file and the media type of that name. A private file never names a public document. */
  #documentOf(row: Row): LibraryDocument {
    const documentId = String(row['document_id']);
    const files = this.files(documentId);
    const name = basename(files[0]?.path ?? documentId);
    return {
      documentId,
      name,
      sizeBytes: Number(row['size_bytes']),
      mediaType: files[0] ? mediaTypeOf(name) : String(row['media_type']),
      sha256: row['sha256'] as string | null,
      locations: files.slice(0, 64).map(({ collection, path }) => ({ collection, path })),
      isPublic: row['is_public'] === 1,
      isAvailable: row['is_available'] === 1,
      addedAtMs: Number(row['added_at_ms']),
    };
  }
}

/** A document of one piece has that piece's hash. */
function sha256Of(documentId: string): string | null {
  const cid = parseCid(documentId);
  return isPiece(cid) ? Buffer.from(cid.multihash.digest).toString('hex') : null;
}

/** Reads a row of the table `file`. */
export const fileOf = (row: Row): FileRecord => ({
  collection: String(row['collection']),
  path: String(row['path']),
  documentId: String(row['document_id']),
  sizeBytes: Number(row['size_bytes']),
  modifiedAtMs: Number(row['modified_at_ms']),
  inode: Number(row['inode']),
  device: Number(row['device']),
});
