import { run } from '@allibrary/platform';
import { watcherService } from './watcher.module.ts';

await run(watcherService);
