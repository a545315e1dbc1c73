import { watcherConfig } from './watcher.config.ts';
import { watcherModule } from './watcher.module.ts';

/** The watcher: says which files are in the library, and when one has come, changed or gone. */
export const watcher = { service: 'watcher', config: watcherConfig, module: watcherModule };
