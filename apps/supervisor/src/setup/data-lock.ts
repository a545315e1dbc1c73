import { join } from 'node:path';
import { dropLock, takeLock } from '@allibrary/platform/files';
import { UsageError } from './options.ts';

/** Locks a data folder for this process; throws a {@link UsageError} when another node runs on it. Returns a function that releases it. */
export function lockDataFolder(data: string): () => void {
  const file = join(data, 'run', 'supervisor.pid');
  const holder = takeLock(file);
  if (holder !== undefined) {
    throw new UsageError([`A node runs on ${data} already (process ${holder}). Stop it, or give another --data.`]);
  }
  return () => dropLock(file);
}
