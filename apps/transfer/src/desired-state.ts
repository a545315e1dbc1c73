import { join } from 'node:path';
import { type DurableStore, openDurableStore } from '@allibrary/platform';

const SETTINGS = `
  CREATE TABLE settings (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation INTEGER NOT NULL,
    document TEXT NOT NULL
  )`;

/** Opens what the owner of this node wants: fsynced before it is acknowledged, and shared by transfer's replicas. */
export const openDesiredState = (dataDir: string): DurableStore =>
  openDurableStore({ file: join(dataDir, 'transfer', 'desired-state.sqlite'), migrations: [SETTINGS] });
