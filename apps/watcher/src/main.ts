import { run } from '@allibrary/platform';
import { watcher } from './watcher.module.ts';

await run(watcher);
