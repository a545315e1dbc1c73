import { type Foundations, ReadModel, serviceModule } from '@allibrary/platform';
import type { DynamicModule } from '@nestjs/common';
import { CollectionsResponder } from './collections/collections.responder.ts';
import { WatchedCollections } from './collections/watched-collections.ts';
import { composeWatcher } from './compose-watcher.ts';
import { type WatcherConfig, watcherConfig } from './watcher.config.ts';

async function watcherModule(config: WatcherConfig, foundations: Foundations): Promise<DynamicModule> {
  const watcher = await composeWatcher(config, foundations);
  return serviceModule(watcher, {
    controllers: [CollectionsResponder],
    providers: [
      { provide: WatchedCollections, useValue: watcher.watched },
      { provide: ReadModel, useValue: watcher.model },
    ],
  });
}

/** The watcher: publishes which files are in the library, and when one has come, changed or gone. */
export const watcherService = { service: 'watcher', config: watcherConfig, module: watcherModule };
