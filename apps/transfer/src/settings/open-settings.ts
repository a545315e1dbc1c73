import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CollectionsSettings } from '@allibrary/contracts';
import { type LibraryPlaces, firstCollection } from '@allibrary/library';
import type { LegacySettings } from '@allibrary/messaging';
import { type DurableStore, type Logger, syncFolder } from '@allibrary/platform';
import { SettingsCheck } from './settings-check.ts';
import { SettingsStore } from './settings-store.ts';

type Legacy = Pick<LegacySettings, 'read' | 'remove'>;

/** What the settings need of the service. */
export interface SettingsPlaces extends LibraryPlaces {
  readonly dataDir: string;
}

/**
 * Opens the settings. Only a new node shares something that nobody chose: its library folder. A node that had settings
 * and has none shares nothing until its owner has restored them or chosen again.
 */
export async function openSettings(
  store: DurableStore,
  places: SettingsPlaces,
  legacy: Legacy,
  logger: Pick<Logger, 'error'>,
): Promise<SettingsStore> {
  const folder = join(places.dataDir, 'transfer');
  const settings = new SettingsStore({
    store,
    copyFile: join(folder, 'settings.json'),
    check: new SettingsCheck(places),
  });
  const newNode = new NewNode(folder);
  if (!settings.areCollectionsKnown) {
    await takeLegacySettings(settings, legacy, places);
    if (!settings.areCollectionsKnown && newNode.isMarked) await shareLibrary(settings, places);
  }
  newNode.unmark();
  const problem = await settings.problem();
  if (problem) logger.error({ problem }, problem);
  return settings;
}

/** The mark that whoever prepared the data folder leaves in one that has never belonged to a node. */
class NewNode {
  readonly #file: string;

  constructor(private readonly folder: string) {
    this.#file = join(folder, 'new-node');
  }

  get isMarked(): boolean {
    return existsSync(this.#file);
  }

  /** Once settings are stored, losing them must not make the node look new. */
  unmark(): void {
    if (!this.isMarked) return;
    rmSync(this.#file, { force: true });
    syncFolder(this.folder);
  }
}

async function shareLibrary(settings: SettingsStore, { libraryDir }: SettingsPlaces): Promise<void> {
  await settings.write(CollectionsSettings.name, { collections: [firstCollection(libraryDir)] });
}

/**
 * Takes over what versions until 0.1 kept on the bus alone. There, a node whose owner had chosen nothing shared its
 * library folder; that choice is written down.
 */
async function takeLegacySettings(settings: SettingsStore, legacy: Legacy, places: SettingsPlaces): Promise<void> {
  const sections = await legacy.read();
  if (!sections) return;
  const chosen = { [CollectionsSettings.name]: { collections: [firstCollection(places.libraryDir)] }, ...sections };
  settings.adopt(chosen);
  await legacy.remove();
}
