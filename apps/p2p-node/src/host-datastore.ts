import { rm } from 'node:fs/promises';
import { LevelDatastore } from 'datastore-level';

/** What the host remembers between two runs: peers, their addresses, records of the DHT. It closes when the host stops. */
export class HostDatastore extends LevelDatastore {
  /** Opens the store; a damaged one is begun anew, for the network tells again all that was in it. */
  static async openIn(folder: string): Promise<HostDatastore> {
    const datastore = new HostDatastore(folder);
    try {
      await datastore.open();
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'LEVEL_LOCKED')
        throw new Error(`${folder} is in use: another p2p-node runs on this data folder.`, { cause });
      if (code !== 'LEVEL_CORRUPTION') throw new Error(`${folder} can't be opened: ${code}.`, { cause });
      await rm(folder, { recursive: true });
      await datastore.open();
    }
    return datastore;
  }

  /** LevelDatastore's own way to open hides the reason of a failure. */
  override async open(): Promise<void> {
    await this.db.open({ compression: false });
  }

  /** libp2p calls this when all its parts have stopped. */
  async afterStop(): Promise<void> {
    await this.close();
  }

  // libp2p calls the hook above on parts that have both of these.
  start(): void {}
  stop(): void {}
}

/** The code of the first cause. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return codeOf(error.cause) ?? (error as NodeJS.ErrnoException).code;
}
