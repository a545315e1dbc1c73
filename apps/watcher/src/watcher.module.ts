import { Bus } from '@allibrary/messaging';
import { Health, Logger, Metrics, ReadModel } from '@allibrary/platform';
import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CollectionsResponder } from './collections/collections.responder.ts';
import { WatchedCollections } from './collections/watched-collections.ts';
import { type ComposedWatcher, type Foundations, composeWatcher } from './compose-watcher.ts';
import { type WatcherConfig, watcherConfig } from './watcher.config.ts';

const WATCHER = Symbol('watcher');

/** What the platform provides, checked by the compiler. */
@Injectable()
class ProvidedFoundations implements Foundations {
  constructor(
    @Inject(Bus) readonly bus: Bus,
    @Inject(Logger) readonly logger: Logger,
    @Inject(Health) readonly health: Health,
    @Inject(Metrics) readonly metrics: Metrics,
  ) {}
}

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

const watcherModule = (config: WatcherConfig): DynamicModule => ({
  module: WatcherModule,
  controllers: [CollectionsResponder],
  providers: [
    ProvidedFoundations,
    {
      provide: WATCHER,
      inject: [ProvidedFoundations],
      useFactory: (foundations: Foundations) => composeWatcher(config, foundations),
    },
    { provide: WatchedCollections, inject: [WATCHER], useFactory: ({ watched }: ComposedWatcher) => watched },
    { provide: ReadModel, inject: [WATCHER], useFactory: ({ model }: ComposedWatcher) => model },
  ],
});

/** The watcher: publishes which files are in the library, and when one has come, changed or gone. */
export const watcher = { service: 'watcher', config: watcherConfig, module: watcherModule };
