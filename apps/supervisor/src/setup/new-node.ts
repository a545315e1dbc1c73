import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '@allibrary/platform/files';

/** What lies in the data folder of a node that has run; `run` and `logs` come with every start. */
const OF_A_NODE = new Set(['api-key', 'identity.key', 'indexer', 'nats', 'p2p-node', 'transfer', 'watcher']);

/**
 * Marks a data folder that holds nothing yet as that of a new node: transfer then creates the first collection. A node
 * without settings and without the mark has lost them, and shares nothing.
 */
export function markNewNode(data: string): void {
  if (readdirSync(data).some((name) => OF_A_NODE.has(name))) return;
  const folder = join(data, 'transfer');
  mkdirSync(folder, { mode: 0o700 });
  closeSync(openSync(join(folder, 'new-node'), 'wx', 0o600));
  for (const each of [folder, data]) syncFolder(each);
}
