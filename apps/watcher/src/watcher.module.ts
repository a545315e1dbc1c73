import { type Foundations, ReadModel } from '@allibrary/platform';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CollectionsResponder } from './collections/collections.responder.ts';
import { WatchedCollections } from './collections/watched-collections.ts';
import { type ComposedWatcher, composeWatcher } from './compose-watcher.ts';
import { type WatcherConfig, watcherConfig } from './watcher.config.ts';

const WATCHER = Symbol('watcher');

/** Starts and closes the watcher with the service. */
@Module({})
class WatcherModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(WATCHER) private readonly watcher: ComposedWatcher) {}

  onApplicationBootstrap(): void {
    this.watcher.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.watcher.close();
  }
}

async function watcherModule(config: WatcherConfig, foundations: Foundations): Promise<DynamicModule> {
  const watcher = await composeWatcher(config, foundations);
  return {
    module: WatcherModule,
    controllers: [CollectionsResponder],
    providers: [
      { provide: WATCHER, useValue: watcher },
      { provide: WatchedCollections, useValue: watcher.watched },
      { provide: ReadModel, useValue: watcher.model },
    ],
  };
}

/** The watcher: publishes which files are in the library, and when one has come, changed or gone. */
export const watcher = { service: 'watcher', config: watcherConfig, module: watcherModule };
