import { join } from 'node:path';
import { type ReadModel, openReadModel } from '@allibrary/platform';

/** Opens transfer's read model: its documents, their files and manifests, its downloads and traffic, and facts not yet published. */
export const openTransferReadModel = (dataDir: string): ReadModel =>
  openReadModel({
    file: join(dataDir, 'transfer', 'transfer.sqlite'),
    version: 4,
    schema: `
      CREATE TABLE document (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id TEXT NOT NULL UNIQUE,
        size_bytes INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        sha256 TEXT,
        added_at_ms REAL NOT NULL,
        -- What was published of its visibility and availability.
        published INTEGER NOT NULL DEFAULT 0,
        revision INTEGER NOT NULL DEFAULT 0
      );
      CREATE TABLE revision (latest INTEGER NOT NULL);
      -- The folder is the one that the paths of its files are relative to; visibility is 'gone' when it is no longer wanted.
      CREATE TABLE shared_collection (
        collection TEXT PRIMARY KEY,
        folder TEXT NOT NULL,
        visibility TEXT NOT NULL,
        is_withheld INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE file (
        collection TEXT NOT NULL,
        path TEXT NOT NULL,
        document_id TEXT NOT NULL REFERENCES document (document_id),
        size_bytes INTEGER NOT NULL,
        modified_at_ms REAL NOT NULL,
        inode INTEGER NOT NULL,
        device INTEGER NOT NULL,
        PRIMARY KEY (collection, path)
      ) WITHOUT ROWID;
      -- Files that peers may have. Private wins: a file that a private collection holds too, by whatever name, is not among them.
      CREATE VIEW public_file AS
        SELECT file.* FROM file JOIN shared_collection USING (collection)
        WHERE visibility = 'public' AND NOT is_withheld AND NOT EXISTS (
          SELECT 1 FROM file AS other JOIN shared_collection AS theirs ON theirs.collection = other.collection
          WHERE other.document_id = file.document_id AND other.inode = file.inode AND theirs.visibility = 'private'
        );
      CREATE INDEX file_by_document ON file (document_id);
      CREATE INDEX file_by_inode ON file (inode);
      CREATE TABLE fixity (
        collection TEXT NOT NULL,
        path TEXT NOT NULL,
        document_id TEXT NOT NULL,
        verified_at_ms REAL NOT NULL,
        looked_at_ms REAL NOT NULL,
        wishes INTEGER NOT NULL,
        repaired_at_ms REAL,
        repaired_from TEXT NOT NULL DEFAULT '[]',
        PRIMARY KEY (collection, path)
      ) WITHOUT ROWID;
      CREATE INDEX fixity_by_document ON fixity (document_id);
      CREATE INDEX fixity_queue ON fixity (wishes DESC, looked_at_ms);
      CREATE INDEX fixity_looked_at ON fixity (looked_at_ms);
      CREATE INDEX fixity_repaired ON fixity (repaired_at_ms) WHERE repaired_at_ms IS NOT NULL;
      CREATE TABLE damage (
        collection TEXT NOT NULL,
        path TEXT NOT NULL,
        piece INTEGER NOT NULL,
        cause TEXT NOT NULL,
        noticed_at_ms REAL NOT NULL,
        PRIMARY KEY (collection, path, piece)
      ) WITHOUT ROWID;
      CREATE TABLE repair (
        collection TEXT NOT NULL,
        path TEXT NOT NULL,
        started_at_ms REAL NOT NULL,
        PRIMARY KEY (collection, path)
      ) WITHOUT ROWID;
      -- A file that is recorded was hashed just now: it is sound, whatever was known of its name before.
      CREATE TRIGGER file_recorded AFTER INSERT ON file BEGIN
        DELETE FROM damage WHERE collection = new.collection AND path = new.path;
        INSERT OR REPLACE INTO fixity (collection, path, document_id, verified_at_ms, looked_at_ms, wishes)
        SELECT new.collection, new.path, new.document_id, unixepoch('subsec') * 1000, unixepoch('subsec') * 1000,
          sha256 IS NULL
        FROM document WHERE document_id = new.document_id;
      END;
      CREATE TRIGGER file_forgotten AFTER DELETE ON file BEGIN
        DELETE FROM damage WHERE collection = old.collection AND path = old.path;
        DELETE FROM fixity WHERE collection = old.collection AND path = old.path;
      END;
      CREATE TABLE node (cid TEXT PRIMARY KEY, document_id TEXT NOT NULL, block BLOB NOT NULL) WITHOUT ROWID;
      CREATE INDEX node_by_document ON node (document_id);
      CREATE TABLE download (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        document_id TEXT NOT NULL,
        name TEXT NOT NULL,
        media_type TEXT,
        size_bytes INTEGER,
        bytes_done INTEGER NOT NULL,
        state TEXT NOT NULL,
        cause TEXT,
        reason TEXT,
        sources TEXT NOT NULL,
        requested_at_ms REAL NOT NULL,
        is_paused INTEGER NOT NULL DEFAULT 0,
        priority INTEGER NOT NULL DEFAULT 1,
        front_at_ms REAL NOT NULL DEFAULT 0,
        wanted_at_ms REAL NOT NULL,
        steered_at_ms REAL NOT NULL DEFAULT 0,
        ended_at_ms REAL NOT NULL DEFAULT 0,
        replica TEXT,
        is_resting INTEGER NOT NULL DEFAULT 0
      );
      CREATE TABLE replica (name TEXT PRIMARY KEY, beat INTEGER NOT NULL) WITHOUT ROWID;
      CREATE INDEX download_by_state ON download (state, number);
      CREATE INDEX download_by_document ON download (document_id);
      CREATE INDEX download_by_replica ON download (replica) WHERE replica IS NOT NULL;
      CREATE INDEX download_queue ON download (priority DESC, front_at_ms DESC, number)
        WHERE state IN ('queued', 'active', 'paused');
      CREATE TABLE traffic (
        day TEXT NOT NULL,
        counter TEXT NOT NULL,
        received_bytes INTEGER NOT NULL,
        sent_bytes INTEGER NOT NULL,
        PRIMARY KEY (day, counter)
      ) WITHOUT ROWID;
      CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subject TEXT NOT NULL,
        about TEXT NOT NULL,
        data TEXT NOT NULL
      );
    `,
  });
