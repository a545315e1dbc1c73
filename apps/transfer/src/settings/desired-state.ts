import { join } from 'node:path';
import { type DurableStore, openDurableStore } from '@allibrary/platform';

/** All sections of the settings, as one document with a checksum. */
const SETTINGS = `
  CREATE TABLE settings (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation INTEGER NOT NULL,
    document TEXT NOT NULL
  )`;

/** What the owner ordered of each download, and how it ended; each write raises `change`. */
const DOWNLOAD_ORDERS = `
  CREATE TABLE download_order (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL,
    requested_at_ms REAL NOT NULL,
    is_paused INTEGER NOT NULL,
    priority TEXT NOT NULL,
    front_at_ms REAL,
    wanted_at_ms REAL NOT NULL,
    steered_at_ms REAL NOT NULL,
    ended_at_ms REAL,
    outcome TEXT,
    cause TEXT,
    reason TEXT,
    change INTEGER NOT NULL UNIQUE
  );
  CREATE INDEX download_order_by_document ON download_order (document_id);
  CREATE INDEX download_order_front ON download_order (front_at_ms) WHERE front_at_ms IS NOT NULL`;

/** How often the process died during each download; `is_running` is 1 while a run of it has not ended. */
const DOWNLOAD_DEATHS = `
  CREATE TABLE download_deaths (
    id TEXT PRIMARY KEY,
    is_running INTEGER NOT NULL,
    deaths INTEGER NOT NULL
  ) WITHOUT ROWID`;

/** Opens what the owner of this node wants: fsynced before it is acknowledged, and shared by transfer's replicas. */
export const openDesiredState = (dataDir: string): DurableStore =>
  openDurableStore({
    file: join(dataDir, 'transfer', 'desired-state.sqlite'),
    migrations: [SETTINGS, DOWNLOAD_ORDERS, DOWNLOAD_DEATHS],
  });
